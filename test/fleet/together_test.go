package fleet_test

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// together is how many clients refresh one token at once.
const together = 20

// Many clients with one refresh token, which use it at once through two nodes: each of them stays signed in, with the same successor.
func TestRefreshedAtOnceThroughTwoNodes(t *testing.T) {
	t.Parallel()
	refreshAtOnce(t, overPostgres(t, 2).fleet)
}

func TestRefreshedAtOnceOverSQLite(t *testing.T) {
	t.Parallel()
	refreshAtOnce(t, newFleet(t, startNode(t, "node")))
}

func refreshAtOnce(t *testing.T, f *fleet) {
	t.Helper()
	_, first := mustGrant(f, f.nodes[0])
	token := first.Refresh
	var took time.Duration
	for round := range *rounds {
		began := time.Now()
		answers := atOnce(f, refresh(token))
		took += time.Since(began)
		next := ""
		for i, a := range answers {
			var given grant
			if err := a.decode(&given); err != nil || a.status != http.StatusOK {
				t.Fatalf("round %d: client %d: %v", round, i, a)
			}
			if next == "" {
				next = given.Refresh
			}
			if given.Refresh != next || next == token || given.Session != first.Session {
				t.Fatalf("round %d: client %d has another successor, or none", round, i)
			}
			if a := verify(given.Access).send(t.Context(), f.nodes[(i+1)%len(f.nodes)].address()); a.status != http.StatusOK {
				t.Errorf("round %d: the access token of client %d: %v", round, i, a)
			}
		}
		token = next
	}
	say(t, "%d clients, %d nodes, %d rounds; a round took %v", together, len(f.nodes), *rounds, took/time.Duration(*rounds))
}

// atOnce sends a request so many times at once, to one node after another.
func atOnce(f *fleet, c call) []answer {
	answers := make([]answer, together)
	ready, start := sync.WaitGroup{}, make(chan struct{})
	var work sync.WaitGroup
	ready.Add(together)
	for i := range answers {
		work.Go(func() {
			ready.Done()
			<-start
			answers[i] = c.send(f.t.Context(), f.nodes[i%len(f.nodes)].address())
		})
	}
	ready.Wait()
	close(start)
	work.Wait()
	return answers
}
