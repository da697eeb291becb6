package main

import (
	"fmt"
	"io"
	"reflect"
	"text/tabwriter"
)

// writeVariables prints the table of variables with their defaults.
func writeVariables(w io.Writer) {
	fmt.Fprintln(w, "Environment (a secret X may also be given as X_FILE, the path of a file that holds it):")
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		value := tag.Get("default")
		if value == "" {
			value = "(empty)"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", tag.Get("envconfig"), value, tag.Get("desc"))
	}
	_ = table.Flush()
}
