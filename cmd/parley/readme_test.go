package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestReadmeTellsEveryVariable holds the README's table to the program.
func TestReadmeTellsEveryVariable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	config := reflect.TypeFor[Config]()
	for i := range config.NumField() {
		tag := config.Field(i).Tag
		value := ""
		if d := tag.Get("default"); d != "" {
			value = "`" + d + "`"
		}
		row := fmt.Sprintf("| `%s` | %s | %s |", tag.Get("envconfig"), value, tag.Get("desc"))
		if !strings.Contains(readme, row) {
			t.Errorf("README.md lacks the row\n%s", row)
		}
	}
	table := readme[strings.Index(readme, "<!-- variables:"):]
	table = table[:strings.Index(table, "\n\n")]
	if rows := strings.Count(table, "\n| `"); rows != config.NumField() {
		t.Errorf("README.md has %d variables, the program %d", rows, config.NumField())
	}
}

// TestReadmeNamesWhatExists holds the paths and commands of the README to the tree.
func TestReadmeNamesWhatExists(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	for _, path := range []string{"deploy/demo.png", "deploy/slack/manifest.yaml", "deploy/discord/README.md", "deploy/compose.yaml", "deploy/env.example",
		"deploy/parley.service", "LICENSE", "NOTICE", "bots/botstest", "store/localpg", "conversation/window", "llm/llmsim"} {
		if !strings.Contains(readme, path) {
			t.Errorf("README.md does not name %s", path)
		}
		if _, err := os.Stat(filepath.Join("..", "..", path)); err != nil {
			t.Errorf("README.md names %s, which is not there", path)
		}
	}
}
