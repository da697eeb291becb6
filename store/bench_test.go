package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"parley/conversation"
	"parley/store/storetest"
)

// BenchmarkAccept is one mention that begins a conversation: lock, message, item, job, watermark.
func BenchmarkAccept(b *testing.B) {
	s := storetest.Open(b)
	var n atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			m := post(fmt.Sprint("t", i), fmt.Sprint("m", i), int(i), mention, root)
			if _, err := s.Accept(context.Background(), posted(m), policy()); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkAcceptUnrelated is a message in a channel that concerns nobody here: nearly all traffic.
func BenchmarkAcceptUnrelated(b *testing.B) {
	s := storetest.Open(b)
	i := 0
	for b.Loop() {
		i++
		m := post(fmt.Sprint("t", i), fmt.Sprint("m", i), i, func(m *conversation.Message) { m.Place = conversation.PlaceChannel })
		if _, err := s.Accept(context.Background(), posted(m), policy()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTurn is a mention from its acceptance to its recorded outcome, one after the other.
func BenchmarkTurn(b *testing.B) {
	s := storetest.Open(b)
	began := make(chan time.Time, 1)
	work(b, s, &turner{before: func(context.Context, conversation.Turn) error {
		began <- time.Now()
		return nil
	}})
	var waited time.Duration
	i := 0
	for b.Loop() {
		i++
		m := post(fmt.Sprint("t", i), fmt.Sprint("m", i), i, mention, root)
		if _, err := s.Accept(context.Background(), posted(m), policy()); err != nil {
			b.Fatal(err)
		}
		committed := time.Now()
		waited += (<-began).Sub(committed)
	}
	b.ReportMetric(float64(waited.Microseconds())/float64(i), "µs-to-turn")
}
