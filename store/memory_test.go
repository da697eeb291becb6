package store_test

import (
	"bytes"
	"strings"
	"testing"

	"parley/store/storetest"
)

func TestMemoryIsSharedAndOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	a, b := storetest.OpenURL(t, url), storetest.OpenURL(t, url)
	if value, err := a.Load(t.Context(), "window"); value != nil || err != nil {
		t.Fatalf("nothing saved: %q, %v", value, err)
	}
	for _, value := range []string{`{"context":4096}`, `{"context":8192}`} {
		if err := a.Save(t.Context(), "window", []byte(value)); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Load(t.Context(), "window"); string(got) != value || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if err := a.Save(t.Context(), "large", bytes.Repeat([]byte("x"), 64<<10+1)); err == nil || !strings.Contains(err.Error(), "65536") {
		t.Errorf("a value without bound: %v", err)
	}
}
