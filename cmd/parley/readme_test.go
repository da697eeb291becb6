package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
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

// TestReadmeNamesWhatExists holds the paths of the README to the tree.
func TestReadmeNamesWhatExists(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("[`(]((?:deploy|cmd|bots|conversation|llm|store)(?:/[a-z0-9_.]+)+)").FindAllStringSubmatch(string(text), -1)
	if len(named) < 15 {
		t.Fatalf("found %d paths: the test looks in the wrong place", len(named))
	}
	for _, match := range named {
		if _, err := os.Stat(filepath.Join(root, match[1])); err != nil && match[1] != "deploy/.env" {
			t.Errorf("README.md names %s, which is not there", match[1])
		}
	}
}
