package discord_test

import (
	"strings"
	"testing"

	"parley/bots/discord/discordsim"
)

func BenchmarkSplitOfALongAnswer(b *testing.B) {
	sim, err := discordsim.New(discordsim.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer sim.Close()
	a := newAdapter(b, sim)
	text := strings.Repeat("A sentence with **bold** text and a [link](https://a.example/x). ", 180)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		a.Split(text, 80)
	}
}
