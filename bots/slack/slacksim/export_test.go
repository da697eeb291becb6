package slacksim

import (
	"maps"
	"slices"
	"strings"
)

// Routes returns every method and path that the server answers.
func Routes() []string {
	out := slices.Collect(maps.Keys(methods()))
	for pattern := range (&Server{}).routes() {
		_, path, found := strings.Cut(pattern, " ")
		if !found {
			path = pattern
		}
		if path != apiPattern {
			out = append(out, strings.TrimSuffix(path, "{$}"))
		}
	}
	return out
}
