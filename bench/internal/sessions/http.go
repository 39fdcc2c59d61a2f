package sessions

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
)

// httpService is the HTTP API on a port of its own, and its client.
type httpService struct {
	deck   *deck
	server *http.Server
	ended  chan error
	client *http.Client
	url    string
}

func newHTTP(ctx context.Context, auth *jeton.Auth, deck *deck) (*httpService, error) {
	mux := http.NewServeMux()
	api.Mount(mux, auth)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &httpService{
		deck: deck, ended: make(chan error, 1),
		server: &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute},
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 1 << 10}},
		url:    "http://" + listener.Addr().String() + "/auth/refresh",
	}
	go func() { s.ended <- s.server.Serve(listener) }()
	return s, nil
}

func (s *httpService) stop() error {
	s.client.CloseIdleConnections()
	err := s.server.Close()
	if ended := <-s.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

type refreshBody struct {
	RefreshToken string `json:"refresh_token"`
}

// refresh refreshes the client's next session.
func (s *httpService) refresh(ctx context.Context, client int) error {
	token := &s.deck.tokens[client][s.deck.turn(client)]
	body, err := json.Marshal(refreshBody{*token}) //nolint:gosec // the server is to have the token
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", userAgent)
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	var granted refreshBody
	if err := json.Unmarshal(text, &granted); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || granted.RefreshToken == "" {
		return fmt.Errorf("the answer to a refresh is %s", response.Status)
	}
	*token = granted.RefreshToken
	return nil
}
