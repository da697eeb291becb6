package bots_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/bots"
)

func TestPrivateAddressesAreNotPublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"162.159.133.233": true, "8.8.8.8": true, "2606:4700::6810:1": true, "127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false,
		"192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "::1": false, "fe80::1": false,
		"fe80::1%eth0": false, "fd00::1": false, "::": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false,
		"64:ff9b::a00:1": false, "2002:a00:1::": false, "2001:0:a00:1::": false, "::a00:1": false, "::ffff:10.0.0.1": false,
	} {
		if got := bots.IsPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

// TestTransport: a private address is reached only where the API itself is there.
func TestTransport(t *testing.T) {
	t.Parallel()
	hit := make(chan string, 2)
	serve := func(name string) *url.URL {
		s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit <- name }))
		t.Cleanup(s.Close)
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	api, other := serve("api"), serve("other")
	origin := bots.Origin{API: api, Host: func(name string) bool { return name == "files.example" }}
	transport := origin.Transport("files.example", time.Second, 4)
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	resp, err := client.Get(api.String())
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp, err := client.Get(other.String()); err == nil || !strings.Contains(err.Error(), bots.ErrPrivateNet.Error()) {
		t.Errorf("another server of the private network: %v, %v", resp, err)
	}
	if got := <-hit; got != "api" || len(hit) > 0 {
		t.Errorf("%s was called, and %d more", got, len(hit))
	}
}

func TestOriginTrusts(t *testing.T) {
	t.Parallel()
	origin := bots.Origin{API: &url.URL{Scheme: "http", Host: "127.0.0.1:9"}, Host: func(name string) bool { return name == "files.example" }}
	for address, want := range map[string]bool{
		"https://files.example/x": true, "https://FILES.example:443/x": true, "http://127.0.0.1:9/x": true, "http://files.example/x": false,
		"https://files.example:8443/x": false, "https://me@files.example/x": false, "https://files.example.evil.example/x": false,
		"https://127.0.0.1:9/x": false, "http://127.0.0.1:8/x": false, "file:///etc/passwd": false, "": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := origin.Trusts(u); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}
