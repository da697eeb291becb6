//go:build !bench

package main

import "net/http"

// unlimited says that the platforms are simulators which count no calls. Only the load bench is built so.
const unlimited = false

// watchSelf adds nothing to the endpoints.
func watchSelf(*http.ServeMux) {}
