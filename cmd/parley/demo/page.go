package demo

import (
	"embed"
	"net/http"
)

// The page has no build step: what stands in assets is what the browser gets.
//
//go:embed assets
var assets embed.FS

// policy lets the page load only its own files. Scripts and styles in the page itself do not run.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func servePage(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, assets, "assets/index.html")
}

func serveAssets() http.Handler { return http.FileServerFS(assets) }

// secured sets the headers that every answer carries and refuses requests by which another site would act in the
// visitor's name: those that change something and whose Sec-Fetch-Site or Origin header names another origin.
func secured(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answerError(w, http.StatusForbidden, "This request comes from another site. Open the demo page itself.")
	}))
	guarded := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		guarded.ServeHTTP(w, r)
	})
}
