package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "parley/"

// sources calls visit for every Go file of the module.
func sources(t *testing.T, mode parser.Mode, visit func(pkg, path string, file *ast.File)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() != ".." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, mode)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		visit(filepath.ToSlash(rel), path, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// layers says which of the module's own packages each package may import, apart from its own sub-packages named here.
// The longest prefix counts; a package that no rule covers fails the test, so that a new one is placed on purpose.
var layers = map[string][]string{
	"cmd/parley":                    {"bots", "conversation", "llm", "store", "cmd/parley/demo", "cmd/parley/chatlog", "cmd/parley/planted", "cmd/parley/eval"},
	"cmd/parley/demo":               {"bots/slack/slacksim", "bots/discord/discordsim"},
	"cmd/parley/chatlog":            {"conversation"},
	"cmd/parley/planted":            {"conversation"},
	"cmd/parley/eval":               {"conversation", "cmd/parley/planted"},
	"cmd/parley/crash":              {},
	"bots":                          {"conversation"},
	"bots/slack":                    {"bots", "conversation", "conversation/failpoint"},
	"bots/discord":                  {"bots", "conversation", "conversation/failpoint"},
	"bots/slack/slacksim":           {},
	"bots/discord/discordsim":       {},
	"bots/botstest":                 {"bots", "conversation", "conversation/conversationtest"},
	"conversation":                  {"llm", "conversation/window", "conversation/summary", "conversation/prompts", "conversation/failpoint"},
	"conversation/failpoint":        {},
	"conversation/window":           {},
	"conversation/prompts":          {},
	"conversation/summary":          {},
	"conversation/conversationtest": {"conversation", "llm"},
	"deploy":                        {},
	"llm":                           {},
	"llm/llmsim":                    {},
	"llm/aimocktest":                {"llm"},
	"store":                         {"conversation", "conversation/failpoint", "store/internal"},
	"store/internal":                {},
	"store/localpg":                 {},
	"store/storetest":               {"store", "store/localpg", "conversation"},
}

// onlyTests are packages that nothing but tests and the demo may import.
var onlyTests = []string{"bots/slack/slacksim", "bots/discord/discordsim", "bots/botstest", "conversation/conversationtest", "llm/llmsim", "store/storetest"}

// forbidden are modules that a part must not know, whatever else it imports.
var forbidden = map[string][]string{
	"conversation": {"github.com/jackc/", "github.com/slack-go/", "github.com/bwmarrin/", "github.com/riverqueue/"},
	"bots":         {"github.com/jackc/", "github.com/riverqueue/"},
	"store":        {"github.com/slack-go/", "github.com/bwmarrin/"},
	"llm":          {"github.com/jackc/", "github.com/slack-go/", "github.com/bwmarrin/", "github.com/prometheus/"},
}

func under(pkg, prefix string) bool { return pkg == prefix || strings.HasPrefix(pkg, prefix+"/") }

func longest(pkg string) (rule string, found bool) {
	for prefix := range layers {
		if under(pkg, prefix) && len(prefix) >= len(rule) {
			rule, found = prefix, true
		}
	}
	return rule, found
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	sources(t, parser.ImportsOnly, func(pkg, path string, file *ast.File) {
		rule, found := longest(pkg)
		if !found {
			t.Errorf("%s: package %s has no place in the layers", path, pkg)
			return
		}
		test := strings.HasSuffix(path, "_test.go")
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			for part, banned := range forbidden {
				if under(pkg, part) && !test && slices.ContainsFunc(banned, func(b string) bool { return strings.HasPrefix(name, b) }) {
					t.Errorf("%s imports %s, which %s must not know", path, name, part)
				}
			}
			own, isOwn := strings.CutPrefix(name, module)
			if !isOwn || test || under(own, rule) {
				continue
			}
			target, _ := longest(own)
			if !slices.ContainsFunc(layers[rule], func(p string) bool { return target == p || rule == "cmd/parley" && under(own, p) }) {
				t.Errorf("%s imports %s: %s may import only %v", path, name, rule, layers[rule])
			}
			if slices.Contains(onlyTests, target) && rule != "cmd/parley" && rule != "cmd/parley/demo" && rule != "bots/botstest" {
				t.Errorf("%s imports %s, which is for tests and the demo", path, name)
			}
		}
	})
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	sources(t, parser.ParseComments|parser.PackageClauseOnly, func(pkg, path string, file *ast.File) {
		if strings.HasSuffix(file.Name.Name, "_test") || strings.Contains(pkg, "internal/dbsqlc") {
			return
		}
		documented[pkg] = documented[pkg] || file.Doc != nil
	})
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %s has no comment", pkg)
		}
	}
}

// TestEveryVariableIsRead holds that no variable of the table is only announced.
func TestEveryVariableIsRead(t *testing.T) {
	t.Parallel()
	read := map[string]bool{}
	var fields []string
	sources(t, 0, func(pkg, path string, file *ast.File) {
		if pkg != "cmd/parley" || strings.HasSuffix(path, "_test.go") {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				if body, ok := n.Type.(*ast.StructType); ok && n.Name.Name == "Config" {
					for _, field := range body.Fields.List {
						fields = append(fields, field.Names[0].Name)
					}
				}
			case *ast.SelectorExpr:
				// Checking a value is not using it.
				if filepath.Base(path) != "check.go" {
					read[n.Sel.Name] = true
				}
			}
			return true
		})
	})
	if len(fields) < 20 {
		t.Fatalf("found %d variables: the test looks in the wrong place", len(fields))
	}
	for _, field := range fields {
		if !read[field] {
			t.Errorf("Config.%s is read by nothing", field)
		}
	}
}
