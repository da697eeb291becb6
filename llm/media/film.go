package media

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	sceneScore  = 0.03             // how different two pictures are, of 1, for a change; a new slide may have little more
	sceneScan   = 90 * time.Second // processor time for looking through a film
	wholeScan   = 3 * time.Minute  // a longer film is looked through by its key frames only
	mostScenes  = 4000             // changes that are noted
	mostFilm    = 16               // frames of one film, whatever is asked for
	frameEdge   = 1536             // longest side of a frame as it comes from ffmpeg
	frameBytes  = 16 << 20         // of one frame, as JPEG
	framePixels = "40000000"       // of one frame before it is scaled, more than 8K film has
)

// Frames shows a film as at most most pictures by rule, in order, at most 16: one from each scene where there are enough,
// else spread evenly. Each Note tells the time. Looking for scenes takes a bounded time; where a film is too long for it, what was
// found counts. It fails with an *Error: Missing without ffmpeg, Unreadable when no picture can be decoded.
func (f *File) Frames(ctx context.Context, rule ImageRule, most int) ([]Picture, error) {
	if rule.MaxImages > 0 {
		most = min(most, rule.MaxImages)
	}
	most = min(most, mostFilm)
	if most <= 0 {
		return nil, nil
	}
	sound, err := f.Sound(ctx)
	if err != nil {
		return nil, err
	}
	if !sound.Film {
		return nil, &Error{Kind: Unreadable, Safe: "There are no moving pictures in this file."}
	}
	changes, end, err := f.changes(ctx, sound.Duration)
	if err != nil {
		return nil, err
	}
	if sound.Duration > 0 {
		end = sound.Duration
	}
	var made []Picture
	var fault error
	for _, at := range moments(changes, end, most) {
		p, err := f.frame(ctx, at, rule)
		var verdict *Error
		switch {
		case err == nil:
			made = append(made, p)
		case errors.As(err, &verdict) && verdict.Kind == Unreadable:
			fault = err // another moment may be whole
		default:
			return nil, err
		}
	}
	if len(made) == 0 {
		return nil, fault
	}
	return made, nil
}

// change is a time at which the picture changes, and by how much, 0 to 1.
type change struct {
	at    time.Duration
	score float64
}

// changes gives the changes of the picture, and the time of the last picture that was looked at. It looks at small pictures,
// two a second.
func (f *File) changes(ctx context.Context, length time.Duration) (changes []change, end time.Duration, err error) {
	var before []string
	if length == 0 || length > wholeScan {
		before = []string{"-skip_frame", "nokey"}
	}
	filter := "fps=2,scale=160:-2,format=rgb24,select='gte(scene,0)',metadata=print:key=lavfi.scene_score:file=-"
	after := []string{"-an", "-sn", "-dn", "-map", "0:V:0", "-vf", filter, "-f", "null", "-"}
	err = f.ffmpeg(ctx, sceneScan, before, after, func(r io.Reader) error {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			if _, at, ok := strings.Cut(lines.Text(), "pts_time:"); ok {
				if seconds, err := strconv.ParseFloat(strings.TrimSpace(at), 64); err == nil && seconds >= 0 && seconds < maxRecording.Seconds() {
					end = max(end, time.Duration(seconds*float64(time.Second)))
				}
			}
			_, score, ok := strings.Cut(lines.Text(), "lavfi.scene_score=")
			if value, err := strconv.ParseFloat(score, 64); ok && err == nil && value >= sceneScore && len(changes) < mostScenes {
				changes = append(changes, change{end, value})
			}
		}
		return lines.Err()
	})
	var verdict *Error
	if errors.As(err, &verdict) && verdict.Kind == Unreadable && end > 0 {
		err = nil // out of time, or damaged further on
	}
	return changes, end, err
}

// frame gives the picture at a time. ffmpeg seeks there, so that it costs the same anywhere in a long film.
func (f *File) frame(ctx context.Context, at time.Duration, rule ImageRule) (Picture, error) {
	before := []string{"-max_pixels", framePixels, "-ss", strconv.FormatFloat(at.Seconds(), 'f', 3, 64)}
	scale := fmt.Sprintf("scale='min(%d,iw)':'min(%d,ih)':force_original_aspect_ratio=decrease,format=yuvj420p", frameEdge, frameEdge)
	after := []string{"-an", "-sn", "-dn", "-map", "0:V:0", "-frames:v", "1", "-vf", scale, "-q:v", "2", "-c:v", "mjpeg", "-f", "image2pipe", "pipe:1"}
	var data []byte
	err := f.ffmpeg(ctx, sceneScan, before, after, func(r io.Reader) (err error) {
		data, err = readAtMost(r, frameBytes)
		return err
	})
	if err != nil {
		return Picture{}, err
	}
	m, err := jpeg.Decode(strings.NewReader(string(data)))
	if err != nil {
		return Picture{}, unreadable(fmt.Errorf("frame at %v: %w", at, err))
	}
	made, err := picture(m, 1, rule, 1)
	if err != nil {
		return Picture{}, err
	}
	made[0].Note = "frame at " + seconds(at)
	return made[0], nil
}

// moments chooses at most most times of a film. Too few scenes get several frames each, by their length, evenly within the
// scene; of too many those are taken whose middles lie closest to an even spread.
func moments(changes []change, end time.Duration, most int) []time.Duration {
	if end <= 0 {
		return []time.Duration{0}
	}
	scenes := scenes(changes, end, 2*most)
	if len(scenes) > most {
		return spreadOut(scenes, end, most)
	}
	shares := make([]int, len(scenes))
	for i := range most {
		next := i // each scene its first
		if i >= len(scenes) {
			next = 0
			for j, s := range scenes {
				if s.length()/time.Duration(shares[j]+1) > scenes[next].length()/time.Duration(shares[next]+1) {
					next = j
				}
			}
			if scenes[next].length() < time.Duration(shares[next]+1)*time.Second {
				break // two frames of the same second tell nothing more
			}
		}
		shares[next]++
	}
	var times []time.Duration
	for i, s := range scenes {
		for j := range shares[i] {
			times = append(times, s.at(2*j+1, 2*shares[i]))
		}
	}
	return times
}

// scene is a part of a film without a change.
type scene struct{ from, to time.Duration }

func (s scene) length() time.Duration { return s.to - s.from }

// at gives the time n of d parts into the scene.
func (s scene) at(n, d int) time.Duration {
	return s.from + s.length()*time.Duration(n)/time.Duration(d)
}

// scenes gives the scenes between the most strongest changes, none shorter than a second but a whole film.
func scenes(changes []change, end time.Duration, most int) []scene {
	strong := slices.SortedFunc(slices.Values(changes), func(a, b change) int { return cmp.Compare(b.score, a.score) })
	strong = strong[:min(most, len(strong))]
	slices.SortFunc(strong, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	var list []scene
	from := time.Duration(0)
	for _, c := range strong {
		if c.at-from >= time.Second && end-c.at >= time.Second {
			list = append(list, scene{from, c.at})
			from = c.at
		}
	}
	return append(list, scene{from, end})
}

// spreadOut takes of more than most scenes the middle of the one nearest to the middle of each of most equal parts, each once.
func spreadOut(scenes []scene, end time.Duration, most int) []time.Duration {
	var taken []time.Duration
	next := 0
	for i := range most {
		want := scene{0, end}.at(2*i+1, 2*most)
		last := len(scenes) - (most - i) // so many must be left for the parts that follow
		for next < last && (scenes[next+1].at(1, 2)-want).Abs() <= (scenes[next].at(1, 2)-want).Abs() {
			next++
		}
		taken = append(taken, scenes[next].at(1, 2))
		next++
	}
	return taken
}
