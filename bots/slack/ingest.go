package slack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/conversation"
	"parley/conversation/failpoint"
)

// ingestTimeout bounds the storing of one event. Slack gives a delivery up after 3 s and sends it again; what is
// stored later than that is recognised then.
const ingestTimeout = 15 * time.Second

// errNotStored says that a delivery must not be acknowledged.
var errNotStored = errors.New("the event was not stored")

// take normalises and stores one Events API payload. A nil error means that the delivery is done with: stored, or of
// no concern, or not to be read at all. The error is errNotStored where Slack shall deliver it again.
func (a *Adapter) take(ctx context.Context, payload []byte, retry int) error {
	var env envelope
	if err := decode(payload, &env); err != nil {
		a.malformed(ctx, "payload", err)
		return nil
	}
	return a.takeEnvelope(ctx, env, retry)
}

func (a *Adapter) takeEnvelope(ctx context.Context, env envelope, retry int) error {
	meta := conversation.Delivery{ReceivedAt: a.o.Clock(), Retry: max(retry, 0)}
	result, err := a.normalizer(ctx, nameWait).event(env, meta)
	if err != nil {
		a.malformed(ctx, env.EventID, err)
		return nil
	}
	a.observe(result.kind)
	if result.kind == kindRevoked {
		a.suspect()
	}
	if result.home != "" {
		a.suggest(ctx, result.home)
	}
	if result.event == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, ingestTimeout)
	defer cancel()
	failpoint.Hit(failpoint.Decoded)
	if err := a.o.Ingester.Ingest(ctx, result.event); err != nil {
		a.observe("not_stored")
		a.presence.missed() // Slack may give up before the store is back
		a.log.ErrorContext(ctx, "store event; Slack will deliver it again", "event", env.EventID, "err", err)
		return fmt.Errorf("%w: %w", errNotStored, err)
	}
	if stopped, ok := result.event.(conversation.Stopped); ok {
		a.endSession(ctx, stopped.Ref, true) // Slack leaves that to the app
	}
	return nil
}

// malformed counts what cannot be read. It is acknowledged: a second delivery would be no better.
func (a *Adapter) malformed(ctx context.Context, what string, err error) {
	a.observe("malformed")
	a.log.WarnContext(ctx, "delivery cannot be read, acknowledged without effect", "event", what, "err", shortError(err))
}

// suspect has the bot token checked now.
func (a *Adapter) suspect() {
	select {
	case a.doubt <- struct{}{}:
	default: // it is about to be
	}
}
