package proxy_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a program may take to start, or a request to be answered, on a busy machine.
const patience = 30 * time.Second

// proxy is a program that asks about requests.
type proxy struct {
	name string
	// start runs it in front of an application, with jeton's addresses and the query of its question, and returns its own address.
	start func(t *testing.T, jeton, application, query string) (address string)
}

var proxies = []proxy{{"nginx", startNginx}, {"caddy", startCaddy}, {"traefik", startTraefik}}

func startNginx(t *testing.T, jeton, application, query string) string {
	t.Helper()
	program := find(t, "nginx")
	return run(t, "using the \"", func(dir, address string) *exec.Cmd {
		text := "daemon off;\nmaster_process off;\npid " + dir + "/pid;\nerror_log stderr notice;\nevents {}\nhttp {\naccess_log off;\n"
		for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
			text += kind + "_temp_path " + dir + "/" + kind + ";\n"
		}
		text += recipe(t, "nginx", "127.0.0.1:8080", jeton, "127.0.0.1:9000", application, "listen 8000;", "listen "+address+";",
			"/auth/verify;", "/auth/verify?"+query+";") + "}\n"
		return exec.CommandContext(t.Context(), program, "-e", "stderr", "-p", dir, "-c", write(t, dir, "nginx.conf", text))
	})
}

func startCaddy(t *testing.T, jeton, application, query string) string {
	t.Helper()
	program := find(t, "caddy")
	return run(t, "serving initial configuration", func(dir, address string) *exec.Cmd {
		text := "{\n\tadmin off\n\tauto_https off\n\tservers {\n\t\tmax_header_size 64KB\n\t}\n}\n" +
			recipe(t, "caddyfile", "127.0.0.1:8080", jeton, "127.0.0.1:9000", application, "app.example.com {", "http://"+address+" {",
				"uri /auth/verify?\n", "uri /auth/verify?"+query+"\n")
		command := exec.CommandContext(t.Context(), program, "run", "--adapter", "caddyfile", "--config", write(t, dir, "Caddyfile", text))
		command.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir)
		return command
	})
}

// startTraefik is for those who have Traefik: Debian has not.
func startTraefik(t *testing.T, jeton, application, query string) string {
	t.Helper()
	program, err := exec.LookPath("traefik")
	if err != nil {
		t.Skip("no traefik")
	}
	address := run(t, "Starting provider *file.Provider", func(dir, address string) *exec.Cmd {
		text := recipe(t, "yaml", "127.0.0.1:8080", jeton, "127.0.0.1:9000", application, "Host(`app.example.com`)", "PathPrefix(`/`)",
			`/auth/verify"`, "/auth/verify?"+query+`"`)
		return exec.CommandContext(t.Context(), program, "--entrypoints.web.address="+address, "--log.level=INFO",
			"--providers.file.filename="+write(t, dir, "dynamic.yml", text))
	})
	waitForRoute(t, address)
	return address
}

// waitForRoute waits until a proxy answers something else than that there is nothing.
func waitForRoute(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
		if err == nil {
			response.Body.Close()
			if response.StatusCode != http.StatusNotFound {
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s has no route: %v", address, err)
		}
	}
}

// run starts a program until the test ends, at an address of loopback, and waits until it says that it listens. The port is one that was
// free just before; if somebody was quicker, there are others.
func run(t *testing.T, ready string, command func(dir, address string) *exec.Cmd) (address string) {
	t.Helper()
	for range 5 {
		address := freeAddress(t)
		said, ok := try(t, command(t.TempDir(), address), ready)
		if ok {
			return address
		}
		if !strings.Contains(strings.ToLower(said), "address already in use") {
			t.Fatalf("it did not start:\n%s", said)
		}
	}
	t.Fatal("no port stays free")
	return ""
}

// try reports whether a program says that it is ready, and what it said until then.
func try(t *testing.T, command *exec.Cmd, ready string) (said string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var copying sync.WaitGroup
	t.Cleanup(func() {
		_ = command.Process.Kill()
		copying.Wait()
		_ = command.Wait() // it was killed
	})
	defer context.AfterFunc(ctx, func() { _ = command.Process.Kill() })()
	var all strings.Builder
	for lines := bufio.NewScanner(output); lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), ready) {
			copying.Go(func() { _, _ = io.Copy(t.Output(), output) })
			return all.String(), true
		}
	}
	return all.String(), false
}

func freeAddress(t *testing.T) string {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// find returns the path of a program. Without it the test is left out; not where nothing may be.
func find(t *testing.T, name string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name} { // which is not in the PATH of everybody
		if program, err := exec.LookPath(candidate); err == nil {
			return program
		}
	}
	if os.Getenv("JETON_TEST_COMPLETE") == "1" {
		t.Fatalf("no %s", name)
	}
	t.Skipf("no %s", name)
	return ""
}
