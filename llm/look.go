package llm

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// probePurpose labels the requests by which a client finds out what a server can do.
const probePurpose = "probe"

// colours that every model which sees can name, with other words for them.
var colours = []struct {
	names []string
	shown color.NRGBA
}{
	{[]string{"red"}, color.NRGBA{R: 230, G: 20, B: 20, A: 255}},
	{[]string{"green", "lime"}, color.NRGBA{R: 20, G: 200, B: 40, A: 255}},
	{[]string{"blue"}, color.NRGBA{R: 20, G: 40, B: 220, A: 255}},
	{[]string{"yellow"}, color.NRGBA{R: 250, G: 230, B: 20, A: 255}},
	{[]string{"purple", "violet", "magenta"}, color.NRGBA{R: 140, G: 30, B: 180, A: 255}},
	{[]string{"orange"}, color.NRGBA{R: 250, G: 130, B: 10, A: 255}},
}

const (
	lookTimeout = 2 * time.Minute // a local server may load the model first
	colourSide  = 64              // pixels
)

// look finds out whether the model sees, where nothing else tells: it is shown pictures of one colour, and must name two of them. Some
// servers take pictures and do not look at them; a model that guesses passes once in some twenty. It costs about 600
// tokens (on Together 3,300), once a day.
func (c *Client) look(ctx context.Context) {
	select {
	case c.looking <- struct{}{}:
		defer func() { <-c.looking }()
	case <-ctx.Done():
		return
	}
	if !c.mustLook() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	sees := true
	for _, i := range rand.Perm(len(colours))[:2] {
		named, known := c.names(ctx, i)
		if !known {
			return
		}
		if sees = named; !sees {
			break
		}
	}
	c.known.change(func(f *facts) { f.Vision = &shown{Can: sees, At: time.Now().UTC()} })
	c.log.InfoContext(ctx, "the model was shown pictures of one colour", "sees", sees)
}

// mustLook tells that neither the operator nor the server nor an earlier probe says whether the model sees.
func (c *Client) mustLook() bool {
	now := c.abilities().Sees
	return now.Ability == Unknown || now.Source == sourceProbe && !c.known.read().Vision.fresh(time.Now())
}

// names asks for the colour of a picture. known is false where the server could not answer now.
func (c *Client) names(ctx context.Context, i int) (named, known bool) {
	zero := 0.0
	resp, err := c.Complete(ctx, Request{
		Messages: []Message{{Role: RoleUser, Parts: []Part{
			Image{MIME: "image/png", Bytes: colourPNG(colours[i].shown)}, Text{Text: "What colour is this picture? Answer with one word."},
		}}},
		MaxOutput: 4, Temperature: &zero, Purpose: probePurpose,
	})
	switch KindOf(err) {
	case "":
	case KindModality, KindRequest, KindContextOverflow:
		return false, true
	default:
		return false, false
	}
	answer := strings.ToLower(resp.Text)
	return slices.ContainsFunc(colours[i].names, func(name string) bool { return strings.Contains(answer, name) }), true
}

func colourPNG(c color.NRGBA) []byte {
	img := image.NewPaletted(image.Rect(0, 0, colourSide, colourSide), color.Palette{c})
	var file bytes.Buffer
	_ = png.Encode(&file, img) // a buffer takes everything
	return file.Bytes()
}

// Sight tells whether the model sees: at once where that is known, else as Abilities finds it out. It is Unknown where the
// server gives no answer before ctx ends.
func (c *Client) Sight(ctx context.Context) Ability {
	if known := c.abilities().Sees.Ability; known != Unknown {
		return known
	}
	found, _ := c.Abilities(ctx) // which says what is known also where it fails
	return found.Sees.Ability
}

// Hearing is Sight for sound, by what the server tells of itself: nothing is played to it.
func (c *Client) Hearing(ctx context.Context) Ability {
	if known := c.abilities().Hears.Ability; known != Unknown || !c.known.read().Probed.At.IsZero() {
		return known
	}
	_, _ = c.Probe(ctx) // else it stays unknown
	return c.abilities().Hears.Ability
}

// Abilities finds out what the model takes besides text: what is set, told or remembered, else by a probe of the server and by showing
// it pictures of one colour. Once that is known it answers at once. The error is that of a server that does not answer; then
// the result says what is known without it.
func (c *Client) Abilities(ctx context.Context) (Abilities, error) {
	now := c.abilities()
	if now.Sees.Ability != Unknown && now.Hears.Ability != Unknown {
		return now, nil
	}
	if c.known.read().Probed.At.IsZero() {
		if _, err := c.Probe(ctx); err != nil {
			return c.abilities(), err
		}
	}
	c.look(ctx)
	return c.abilities(), ctx.Err()
}
