package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// relay stands between parley and Postgres and counts round trips: each Sync, and each simple query, is one that the
// client waits for (https://www.postgresql.org/docs/current/protocol-flow.html).
type relay struct {
	listener net.Listener
	network  string
	address  string
	trips    atomic.Int64
	open     sync.WaitGroup
}

func openRelay(ctx context.Context, databaseURL string) (*relay, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("count round trips: %w", err)
	}
	r := &relay{network: "unix", address: fmt.Sprintf("%s/.s.PGSQL.%d", config.Host, config.Port)}
	var listen net.ListenConfig
	if r.listener, err = listen.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("count round trips: %w", err)
	}
	r.open.Go(func() {
		for {
			client, err := r.listener.Accept()
			if err != nil {
				return
			}
			r.open.Go(func() { r.serve(client) })
		}
	})
	return r, nil
}

// url leads through the relay.
func (r *relay) url() string {
	return "postgres://parley@" + r.listener.Addr().String() + "/parley?sslmode=disable"
}

func (r *relay) serve(client net.Conn) {
	defer client.Close() //nolint:errcheck // the other end is told
	server, err := net.Dial(r.network, r.address)
	if err != nil {
		return
	}
	defer server.Close() //nolint:errcheck // the other end is told
	r.open.Go(func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	})
	_ = r.count(bufio.NewReader(io.TeeReader(client, server)))
}

// count reads what the client says. The first message has no type.
func (r *relay) count(client *bufio.Reader) error {
	head := make([]byte, 5)
	for kind := head[1:]; ; kind = head {
		if _, err := io.ReadFull(client, kind); err != nil {
			return err
		}
		if len(kind) == len(head) && (kind[0] == 'S' || kind[0] == 'Q') {
			r.trips.Add(1)
		}
		length := binary.BigEndian.Uint32(kind[len(kind)-4:])
		if _, err := io.CopyN(io.Discard, client, int64(length)-4); err != nil {
			return err
		}
	}
}

func (r *relay) close() {
	_ = r.listener.Close()
	r.open.Wait()
}

// countTrips runs a parley behind a relay at the steady rate, in a world of its own: after an absence parley would read
// histories anew.
func (p plan) countTrips(ctx context.Context, r *report) error {
	w, err := openWorld(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	relay, err := openRelay(ctx, w.db.server.URL())
	if err != nil {
		return err
	}
	defer relay.close()
	parley, err := startParley(ctx, p.parley, w, relay.url())
	if err != nil {
		return err
	}
	defer parley.stop()
	b := &bench{plan: p, world: w, parley: parley}
	if err := b.warm(ctx); err != nil {
		return err
	}
	before := relay.trips.Load()
	sent, err := b.offer(ctx, steadyRate, 10*time.Second, false)
	if err == nil {
		err = w.book.settle(ctx, 30*time.Second)
	}
	if err != nil {
		return err
	}
	r.RoundTrips = float64(relay.trips.Load()-before) / float64(len(sent))
	return nil
}
