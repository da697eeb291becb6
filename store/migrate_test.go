package store_test

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"parley/store"
	"parley/store/storetest"
)

func TestReplicasMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := storetest.Empty(t)
	stores := []*store.Store{storetest.OpenURL(t, url), storetest.OpenURL(t, url), storetest.OpenURL(t, url)}
	if _, err := stores[0].Unanswered(t.Context()); !errors.Is(err, store.ErrNotMigrated) {
		t.Errorf("before: %v", err)
	}
	list, err := stores[0].MigrationStatus(t.Context())
	if err != nil || len(list) == 0 || list[0].Applied {
		t.Errorf("status before: %+v %v", list, err)
	}
	var group sync.WaitGroup
	for _, s := range stores {
		group.Go(func() {
			if err := s.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	list, err = stores[0].MigrationStatus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if !m.Applied {
			t.Errorf("%s is not applied", m.Name)
		}
	}
	if _, err := stores[0].Unanswered(t.Context()); err != nil {
		t.Errorf("after: %v", err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := storetest.New(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ url, want string }{
		"nobody there":     {"postgres://user:geheim@" + address + "/db", "no database answers at " + strings.Split(address, ":")[0]},
		"no such database": {strings.Replace(good, "/t", "/absent_t", 1), "create it"},
		"no URL":           {"postgres://user:geheim@host:port/db", "cannot be read"},
	} {
		_, err := store.Open(t.Context(), store.Options{DatabaseURL: c.url, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A job that waits in the one queue of an earlier version is not forgotten there.
func TestWaitingJobsMoveToTheQueueOfTheirPlatform(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	steps, err := goose.NewProvider(goose.DialectPostgres, stdlib.OpenDBFromPool(s.Pool()), os.DirFS("migrations"),
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = steps.Close() })
	if _, err := steps.DownTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if queue := value[string](t, s, `SELECT queue FROM river_job`); queue != "default" {
		t.Fatalf("the earlier version finds the job in queue %s", queue)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if queue := value[string](t, s, `SELECT queue FROM river_job`); queue != "slack" {
		t.Errorf("the job waits in queue %s", queue)
	}
	work(t, s, &turner{})
	answered(t, s, 5*time.Second)
}
