package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

// A process that is stopped inside a transaction holds the conversation's lock. The server takes it away, so that others
// get on with the conversation, and the process finds its transaction undone when it goes on.
func TestStoppedTransactionLetsGo(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	stopped, other := storetest.OpenURL(t, url), storetest.OpenURL(t, url)
	accept(t, other, posted(post("t1", "a", 1, mention, root)))
	inside, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	late := make(chan error, 1)
	go func() {
		_, err := stopped.Accept(t.Context(), posted(post("t1", "b", 2)), func(m conversation.Message, v conversation.View) conversation.Decision {
			once.Do(func() { close(inside); <-goOn })
			return policy()(m, v)
		})
		late <- err
	}()
	<-inside
	begun := time.Now()
	accept(t, other, posted(post("t1", "c", 3)))
	if took := time.Since(begun); took > 8*time.Second {
		t.Errorf("another process had to wait %v", took)
	}
	close(goOn)
	if err := <-late; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the stopped one ends with %v", err)
	}
	if n := value[int](t, other, `SELECT count(*)::int FROM messages`); n != 2 {
		t.Errorf("%d messages stored, want the two of the other process", n)
	}
}
