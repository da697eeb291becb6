package discord

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// setupError is what trying again does not mend. Its text says what to do.
type setupError struct{ text string }

// Error is one sentence for the operator.
func (e *setupError) Error() string { return e.text }

// Permanent tells the supervisor that a retry cannot help.
func (e *setupError) Permanent() bool { return true }

// fatal gives the sentence for what only the operator can mend, else nil
// (discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes).
func fatal(cause error) error {
	const wrongToken = "Discord does not accept DISCORD_BOT_TOKEN: copy a new one from discord.com/developers/applications, your application, Bot, Reset Token"
	if isRefused(cause, http.StatusUnauthorized) {
		return &setupError{wrongToken}
	}
	var c closed
	if !errors.As(cause, &c) {
		return nil
	}
	switch c.code {
	case 4004:
		return &setupError{wrongToken}
	case 4014:
		return &setupError{"Discord refuses the Message Content intent (close code 4014): turn it on at discord.com/developers/applications, your application, Bot, Privileged Gateway Intents, Message Content Intent, then start again"}
	case 4013:
		return &setupError{"Discord does not know the intents that Parley asks for (close code 4013): this version is too old for Discord's gateway, install a newer one"}
	case 4010:
		return &setupError{"Discord refuses the shard (close code 4010): this version is too old for Discord's gateway, install a newer one"}
	case 4012:
		return &setupError{"Discord no longer offers this version of its gateway (close code 4012): install a newer version of Parley"}
	}
	return nil
}

// wantsShards reports whether Discord wants the bot to be divided into more shards.
func wantsShards(cause error) bool {
	var c closed
	return errors.As(cause, &c) && c.code == 4011
}

// resumable reports whether the session survives the end of a connection.
func resumable(cause error) bool {
	var invalid invalidSession
	if errors.As(cause, &invalid) {
		return invalid.resumable
	}
	if errors.Is(cause, errMalformed) {
		return false // a replay would bring it again
	}
	var c closed
	if errors.As(cause, &c) {
		switch c.code {
		case 1000, 1001, 4003, 4007, 4009, 4011:
			return false
		}
	}
	return true
}

// reconnectWait is the pause before the next connection, with jitter. Op 7 asks for none; op 9 for one to five seconds
// (discord.com/developers/docs/events/gateway#resuming).
func reconnectWait(cause error, try int) time.Duration {
	var invalid invalidSession
	switch {
	case errors.As(cause, &invalid):
		return time.Second + rand.N(4*time.Second) + grown(try)/2
	case try == 0:
		return rand.N(100 * time.Millisecond)
	}
	var api *apiError
	if errors.As(cause, &api) && api.retryAfter > 0 {
		return api.retryAfter + rand.N(time.Second)
	}
	return grown(try)
}

func grown(try int) time.Duration {
	if try == 0 {
		return 0
	}
	d := min(500*time.Millisecond<<min(try, 8), maxReconnectWait)
	return d/2 + rand.N(d/2+1)
}

// readable is a wait for logs, such as 6.61s: a bare duration is written in nanoseconds there.
func readable(d time.Duration) string { return d.Round(10 * time.Millisecond).String() }
