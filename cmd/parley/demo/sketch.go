package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
)

const (
	sketchName             = "leaflet-sketch.png"
	sketchWide, sketchHigh = 480, 300
)

// sketch draws the picture of the story: a lighthouse by the sea at night, the moon, and the path.
func sketch() ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, sketchWide, sketchHigh))
	for y := range sketchHigh {
		for x := range sketchWide {
			img.SetRGBA(x, y, sketched(float64(x), float64(y)))
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// sketched is the colour of one point: what stands in front decides.
func sketched(x, y float64) color.RGBA {
	var (
		light = color.RGBA{R: 250, G: 222, B: 140, A: 255}
		tower = color.RGBA{R: 236, G: 232, B: 222, A: 255}
		red   = color.RGBA{R: 196, G: 62, B: 54, A: 255}
		rock  = color.RGBA{R: 30, G: 38, B: 52, A: 255}
		path  = color.RGBA{R: 15, G: 145, B: 158, A: 255}
	)
	const horizon, towerX = 196.0, 352.0
	shore := 206 + 60*math.Exp(-math.Pow((x-towerX)/95, 2))*-0.75 + 14*math.Sin(x/61)
	onShore := x > 190 && y > shore+math.Max(0, 250-x)*0.9
	half := 13 + (y-96)*0.09 // the tower widens downwards
	switch {
	case math.Hypot(x-towerX, y-82) < 11:
		return light
	case y > 62 && y < 72 && math.Abs(x-towerX) < (y-54)*0.9:
		return red
	case y > 72 && y < 96 && math.Abs(x-towerX) < 13:
		return rock
	case y >= 96 && y < 178 && math.Abs(x-towerX) < half:
		if int(y-96)/21%2 == 1 {
			return red
		}
		return tower
	case onShore && y > 212 && math.Abs(math.Mod(x+y*0.4, 26)) < 15 && math.Abs(y-(236+0.13*(x-240)+7*math.Sin(x/34))) < 3:
		return path
	case onShore:
		return rock
	case math.Hypot(x-104, y-74) < 34 && math.Hypot(x-118, y-66) >= 31:
		return light
	case y < 140 && x < towerX-14 && math.Abs(y-82) < (towerX-14-x)*0.16 && x > 170:
		return mixed(sky(y), light, 0.34*(x-170)/170)
	case y < horizon:
		if int(x*7919+y*104729)%1511 == 0 && y < 150 {
			return tower
		}
		return sky(y)
	}
	sea := mixed(color.RGBA{R: 22, G: 74, B: 104, A: 255}, color.RGBA{R: 10, G: 34, B: 60, A: 255}, (y-horizon)/(sketchHigh-horizon))
	if glitter := math.Abs(x - 104 - 9*math.Sin(y/3)); glitter < 26 && int(y)%7 < 2 {
		return mixed(sea, light, 0.6*(1-glitter/26))
	}
	return sea
}

func sky(y float64) color.RGBA {
	return mixed(color.RGBA{R: 14, G: 22, B: 54, A: 255}, color.RGBA{R: 62, G: 76, B: 124, A: 255}, y/196)
}

func mixed(a, b color.RGBA, share float64) color.RGBA {
	share = min(max(share, 0), 1)
	blend := func(x, y uint8) uint8 { return uint8(float64(x)*(1-share) + float64(y)*share) }
	return color.RGBA{R: blend(a.R, b.R), G: blend(a.G, b.G), B: blend(a.B, b.B), A: 255}
}
