package llmsim

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // decoders that the offline model can read with
	_ "image/jpeg" //
	_ "image/png"  //
	"math"
	"slices"
	"strings"
)

// maxPixels bounds what is decoded.
const maxPixels = 40_000_000

// describeImages tells the size and the dominant colours of each picture.
func describeImages(images []Image) string {
	var out []string
	for i, img := range images {
		text := describeImage(img)
		if len(images) > 1 {
			text = fmt.Sprintf("Picture %d: %s", i+1, text)
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n\n")
}

func describeImage(img Image) string {
	config, format, err := image.DecodeConfig(bytes.NewReader(img.Bytes))
	if err != nil {
		return fmt.Sprintf("A picture of %d bytes (%s) that I cannot read.", len(img.Bytes), img.MIME)
	}
	size := fmt.Sprintf("A %s picture, %d × %d pixels", strings.ToUpper(format), config.Width, config.Height)
	decoded, err := decodeImage(img)
	if errors.Is(err, errTooLarge) {
		return size + ", too large for me to look at its colours."
	}
	if err != nil {
		return size + ", damaged."
	}
	return size + ", mostly " + strings.Join(dominantColours(decoded), ", ") + "."
}

var errTooLarge = errors.New("too many pixels")

func decodeImage(img Image) (image.Image, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(img.Bytes))
	if err != nil {
		return nil, err
	}
	if config.Width > maxPixels/max(config.Height, 1) {
		return nil, errTooLarge
	}
	decoded, _, err := image.Decode(bytes.NewReader(img.Bytes))
	return decoded, err
}

// dominantColours names up to three colours with their share, from a grid of about 10,000 points.
func dominantColours(img image.Image) []string {
	bounds := img.Bounds()
	step := max(1, int(math.Sqrt(float64(bounds.Dx()*bounds.Dy())/10_000)))
	counts, total := map[string]int{}, 0
	for y := bounds.Min.Y; y < bounds.Max.Y; y += step {
		for x := bounds.Min.X; x < bounds.Max.X; x += step {
			r, g, b, a := img.At(x, y).RGBA()
			counts[colourName(r, g, b, a)]++
			total++
		}
	}
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	var out []string
	for _, name := range names[:min(len(names), 3)] {
		if share := 100 * counts[name] / max(total, 1); share >= 3 || len(out) == 0 {
			out = append(out, fmt.Sprintf("%s (%d %%)", name, share))
		}
	}
	return out
}

// colourName names a colour given in 16 bits a channel.
func colourName(r, g, b, a uint32) string {
	if a < 0x2000 {
		return "transparent"
	}
	red, green, blue := float64(r)/float64(a), float64(g)/float64(a), float64(b)/float64(a)
	high, low := max(red, green, blue), min(red, green, blue)
	if high < 0.16 {
		return "black"
	}
	if high-low < 0.12*max(high, 0.4) {
		if low > 0.88 {
			return "white"
		}
		return "grey"
	}
	var hue float64
	switch high {
	case red:
		hue = math.Mod((green-blue)/(high-low)+6, 6)
	case green:
		hue = (blue-red)/(high-low) + 2
	default:
		hue = (red-green)/(high-low) + 4
	}
	switch degrees := hue * 60; {
	case degrees < 15 || degrees >= 345:
		return "red"
	case degrees < 45:
		if high < 0.6 {
			return "brown"
		}
		return "orange"
	case degrees < 70:
		return "yellow"
	case degrees < 165:
		return "green"
	case degrees < 200:
		return "cyan"
	case degrees < 255:
		return "blue"
	case degrees < 290:
		return "purple"
	}
	return "pink"
}
