package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"parley/store"
	"parley/store/storetest"
)

// pooler is a small transaction-mode pooler: a client has a server's session only while it is in a transaction.
type pooler struct {
	target string
	mu     sync.Mutex
	idle   []*pgconn.HijackedConn
	all    []*pgconn.HijackedConn
	tasks  sync.WaitGroup
}

func startPooler(t *testing.T, target string) (databaseURL string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &pooler{target: target}
	p.tasks.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.tasks.Go(func() {
				defer func() { _ = conn.Close() }()
				if err := p.serve(conn); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Error("pooler:", err)
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		p.tasks.Wait()
		for _, s := range p.all {
			_ = s.Conn.Close()
		}
	})
	return fmt.Sprintf("postgres://parley@%s/db?sslmode=disable", listener.Addr())
}

func (p *pooler) take() (*pgconn.HijackedConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		s := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return s, nil
	}
	conn, err := pgconn.Connect(context.Background(), p.target)
	if err != nil {
		return nil, err
	}
	s, err := conn.Hijack()
	if err != nil {
		return nil, err
	}
	p.all = append(p.all, s)
	return s, nil
}

func (p *pooler) give(s *pgconn.HijackedConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, s)
}

func (p *pooler) serve(conn net.Conn) error {
	client := pgproto3.NewBackend(conn, conn)
	if _, err := client.ReceiveStartupMessage(); err != nil {
		return err
	}
	client.Send(&pgproto3.AuthenticationOk{})
	client.Send(&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"})
	client.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
	client.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{1, 2, 3, 4}})
	client.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if err := client.Flush(); err != nil {
		return err
	}
	var session *pgconn.HijackedConn
	defer func() {
		if session != nil {
			_ = session.Conn.Close()
		}
	}()
	for {
		message, err := client.Receive()
		if err != nil {
			return err
		}
		if _, ok := message.(*pgproto3.Terminate); ok {
			return nil
		}
		if session == nil {
			if session, err = p.take(); err != nil {
				return err
			}
		}
		status, err := relay(client, session, message)
		if err != nil {
			return err
		}
		if status == 'I' {
			p.give(session)
			session = nil
		}
	}
}

// relay sends one simple query and copies the answer back.
func relay(client *pgproto3.Backend, session *pgconn.HijackedConn, message pgproto3.FrontendMessage) (byte, error) {
	session.Frontend.Send(message)
	if err := session.Frontend.Flush(); err != nil {
		return 0, err
	}
	for {
		reply, err := session.Frontend.Receive()
		if err != nil {
			return 0, err
		}
		client.Send(reply)
		if err := client.Flush(); err != nil {
			return 0, err
		}
		if ready, ok := reply.(*pgproto3.ReadyForQuery); ok {
			return ready.TxStatus, nil
		}
	}
}

func TestOpenRecognisesATransactionModePooler(t *testing.T) {
	t.Parallel()
	url := startPooler(t, storetest.New(t))
	_, err := store.Open(t.Context(), store.Options{DatabaseURL: url, Logger: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, store.ErrPooler) {
		t.Errorf("opened: %v", err)
	}
}
