package bots_test

import (
	"strings"
	"testing"

	"parley/bots"
)

func TestSealedOpensOnlyWithItsTokenAndPurpose(t *testing.T) {
	t.Parallel()
	sealer := func(token, purpose string) *bots.Sealer {
		s, err := bots.NewSealer(token, purpose)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	const secret = "https://hooks.example/commands/T1/2/abc"
	text := sealer("token", "handle").Seal(secret)
	if strings.Contains(text, "hooks") || strings.Contains(text, "abc") {
		t.Errorf("sealed: %q", text)
	}
	if again := sealer("token", "handle").Seal(secret); again == text {
		t.Error("the same secret looks the same each time")
	}
	if got, ok := sealer("token", "handle").Open(text); !ok || got != secret {
		t.Errorf("opened %q, %v", got, ok)
	}
	for _, s := range []*bots.Sealer{sealer("another", "handle"), sealer("token", "address")} {
		if got, ok := s.Open(text); ok || got != "" {
			t.Errorf("opened %q by another key", got)
		}
	}
	for _, broken := range []string{"", secret, "sealed:", "sealed:!", text[:len(text)-4], strings.Replace(text, "sealed:", "", 1), "sealed:A" + text[8:]} {
		if got, ok := sealer("token", "handle").Open(broken); ok && got != secret || ok && broken != text {
			t.Errorf("%q opened as %q", broken, got)
		}
	}
	if got := sealer("token", "handle").Seal(strings.Repeat("x", 2049)); got != "" {
		t.Errorf("an endless secret became %d bytes", len(got))
	}
}
