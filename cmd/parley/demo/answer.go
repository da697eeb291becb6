package demo

import (
	"encoding/json"
	"net/http"
)

func answerJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the page has gone: nobody is left to tell
}

// answerError sends a sentence that the page shows as it is.
func answerError(w http.ResponseWriter, status int, sentence string) {
	answerJSON(w, status, map[string]string{"error": sentence})
}
