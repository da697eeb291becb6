package conversation_test

import (
	"slices"
	"testing"
	"testing/synctest"
)

// The model of these tests takes eight pictures a request. Without a share, two images would come with a tile more.
func TestImagesOfOneMessageShareWhatARequestTakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, true, false, answers("The second.")...)
		h.send(t, 1, "@Parley which of them?", map[string]string{"a.png": "image a\na1\na2", "b.png": "image b\nb1\nb2", "c.png": "image c\nc1\nc2"})
		h.work(t)
		got := slices.Sorted(slices.Values(pictures(h.model.Requests()[0])))
		if !slices.Equal(got, []string{"a", "a1", "b", "b1", "c", "c1"}) {
			t.Errorf("the model sees %q", got)
		}
	})
}
