// A small service whose cold paths need files of the distribution.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"syscall"
	"time"
)

type config struct {
	Templates string
	Thumbnail []string
	Hooks     string
}

func load(path string) (c config) {
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "configuration:", err)
		os.Exit(78)
	}
	return
}

func answer(w http.ResponseWriter, text any, err error) {
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	fmt.Fprintln(w, text)
}

func run(stdin io.Reader, words ...string) (string, error) {
	command := exec.Command(words[0], words[1:]...)
	command.Stdin = stdin
	out, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return string(out), err
}

func serve(c config) {
	http.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") })
	http.HandleFunc("/time", func(w http.ResponseWriter, r *http.Request) {
		zone, err := time.LoadLocation(r.FormValue("zone"))
		if err != nil {
			answer(w, "", err)
			return
		}
		answer(w, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC).In(zone).Format(time.RFC3339), nil)
	})
	http.HandleFunc("/user", func(w http.ResponseWriter, r *http.Request) {
		found, err := user.Lookup(r.FormValue("name"))
		if err != nil {
			answer(w, "", err)
			return
		}
		group, err := user.LookupGroup("operators")
		if err == nil {
			answer(w, found.Uid+" "+found.HomeDir+" "+group.Name, nil)
		} else {
			answer(w, "", err)
		}
	})
	http.HandleFunc("/type", func(w http.ResponseWriter, r *http.Request) { answer(w, mime.TypeByExtension(r.FormValue("of")), nil) })
	http.HandleFunc("/roots", func(w http.ResponseWriter, r *http.Request) {
		pool, err := x509.SystemCertPool()
		if err == nil && len(pool.Subjects()) > 50 { //nolint
			answer(w, "many roots", nil)
		} else {
			answer(w, "few roots", err)
		}
	})
	http.HandleFunc("/dial", func(w http.ResponseWriter, r *http.Request) {
		_, err := tls.DialWithDialer(&net.Dialer{Timeout: time.Second}, "tcp", r.FormValue("to"), nil)
		answer(w, "connected", err)
	})
	http.HandleFunc("/port", func(w http.ResponseWriter, r *http.Request) {
		port, err := net.LookupPort("tcp", r.FormValue("of"))
		answer(w, port, err)
	})
	http.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		pages, err := template.ParseGlob(c.Templates)
		if err == nil {
			err = pages.ExecuteTemplate(w, r.FormValue("name")+".html", r.FormValue("who"))
		}
		if err != nil {
			answer(w, "", err)
		}
	})
	http.HandleFunc("/thumbnail", func(w http.ResponseWriter, r *http.Request) {
		out, err := run(r.Body, c.Thumbnail...)
		answer(w, http.DetectContentType([]byte(out)), err)
	})
	http.HandleFunc("/upload", func(w http.ResponseWriter, r *http.Request) {
		path := filepath.Join(os.TempDir(), "upload")
		data, _ := io.ReadAll(r.Body)
		_ = os.WriteFile(path, data, 0o600)
		out, err := run(nil, filepath.Join(c.Hooks, "on-upload"), path)
		answer(w, out, err)
	})
	http.HandleFunc("/clone", func(w http.ResponseWriter, r *http.Request) {
		out, err := run(nil, "git", "ls-remote", r.FormValue("from"))
		answer(w, out, err)
	})
	http.HandleFunc("/panic", func(w http.ResponseWriter, r *http.Request) { panic("as asked") })
	http.Handle("/files/", http.StripPrefix("/files/", http.FileServer(http.Dir("/usr/share/gosvc/public"))))
	server := &http.Server{Addr: ":8080"}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for sent := range signals {
			if sent == syscall.SIGTERM {
				fmt.Println("closed")
				_ = server.Shutdown(context.Background())
				return
			}
			out, err := run(nil, filepath.Join(c.Hooks, "on-reload"))
			fmt.Println(out, err)
		}
	}()
	fmt.Println("listening", time.Now().Location())
	fmt.Println(server.ListenAndServe())
}

func main() {
	words := append(os.Args[1:], "", "", "")
	switch words[0] {
	case "serve":
		serve(load(words[2]))
	case "check":
		reply, err := http.Get("http://localhost:8080/health")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(reply.Status)
	case "edit":
		editor := os.Getenv("EDITOR")
		out, err := run(bytes.NewReader(nil), "sh", "-c", editor+" "+words[1])
		fmt.Println(out, err)
	default:
		fmt.Fprintln(os.Stderr, "usage: gosvc serve|check|edit")
		os.Exit(64)
	}
}
