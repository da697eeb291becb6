package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	toolMemory = 1 << 20          // kB of address space; ffmpeg maps some 400 MB of libraries and stacks by itself
	toolStall  = 60 * time.Second // without a byte of output while we wait for one
	toolTail   = 2 << 10          // bytes kept of what it complains about
)

// containers are the demuxers that may be opened. None of them follows a name inside the file to another file or address,
// as those of play lists do; mov refuses such references unless it is told otherwise.
const containers = "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,oga,ogg,wav,w64,wv"

// needFFmpeg is told to people when the program is not there.
const needFFmpeg = "Sound and film need the program ffmpeg, which is not installed where I run. " +
	"Whoever runs me can install it: apt install ffmpeg, or brew install ffmpeg."

// input gives the arguments that open the file with ffmpeg or ffprobe. The path is one of ours, never a name that people gave.
func (f *File) input() []string {
	return []string{
		"-hide_banner", "-v", "error", "-max_alloc", "268435456",
		"-protocol_whitelist", "file,pipe", "-format_whitelist", containers, "-max_streams", "64",
		"-i", "file:" + f.path,
	}
}

// recorded refuses what is neither sound nor film.
func (f *File) recorded() error {
	if f.Kind != KindAudio && f.Kind != KindVideo {
		return &Error{Kind: Unsupported, Safe: "This file is neither sound nor film."}
	}
	return nil
}

// ffmpeg runs ffmpeg on the file and hands what it prints to read. before stands in front of the input, after behind it.
// cpu bounds its processor time. When read returns, the program ends. An *Error tells that the file is at fault.
func (f *File) ffmpeg(ctx context.Context, cpu time.Duration, before, after []string, read func(io.Reader) error) error {
	if err := f.recorded(); err != nil {
		return err
	}
	args := append([]string{"-nostdin", "-threads", "2"}, before...)
	args = append(append(args, f.input()...), after...)
	return f.box.runTool(ctx, f.box.ffmpeg, cpu, args, read)
}

// runTool runs a program with limits of memory, processor time and silence, without our environment, and with no right to
// write any file. Its whole process group dies with ctx, with a stall, or when read fails; read either reads to the end or
// returns an error, errEnough where nothing is wrong.
func (b *Box) runTool(ctx context.Context, program string, cpu time.Duration, args []string, read func(io.Reader) error) error {
	if program == "" {
		return &Error{Kind: Missing, Safe: needFFmpeg}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// The shell sets the limits before the program starts. A Mac knows no limit of the address space.
	script := `ulimit -v "$1" 2>/dev/null; ulimit -t "$2"; ulimit -f 0; ulimit -c 0; shift 2; exec "$@"`
	shell := []string{"-c", script, "sh", fmt.Sprint(toolMemory), fmt.Sprint(int(cpu / time.Second)), program}
	cmd := exec.CommandContext(ctx, "/bin/sh", append(shell, args...)...)
	cmd.Env = []string{"LC_ALL=C"}
	cmd.Dir = b.dir
	complaint := &tail{most: toolTail}
	cmd.Stderr = complaint
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("open pipe: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	stall := time.AfterFunc(toolStall, func() { cancel(errStalled) })
	defer stall.Stop()
	err = read(&patientReader{out, stall})
	if err != nil {
		cancel(errEnough)
	}
	exit := cmd.Wait()
	switch cause := context.Cause(ctx); {
	case cause == errStalled:
		return unreadable(fmt.Errorf("%s: %w", complaint, errStalled))
	case cause != nil && cause != errEnough:
		return cause
	case err == errEnough:
		return nil
	case err != nil:
		return err
	case exit != nil:
		return unreadable(fmt.Errorf("%s: %w", complaint, exit))
	}
	return nil
}

var (
	errStalled = errors.New("no output for too long")
	errEnough  = errors.New("enough was read") // for a reader that is done before the end
)

func unreadable(err error) *Error {
	return &Error{Kind: Unreadable, Safe: "The recording is damaged or of a sort that cannot be decoded.", Err: err}
}

// patientReader counts a stall only while somebody waits for output, not while a piece is being transcribed.
type patientReader struct {
	r     io.Reader
	stall *time.Timer
}

func (p *patientReader) Read(b []byte) (int, error) {
	p.stall.Reset(toolStall)
	n, err := p.r.Read(b)
	p.stall.Stop()
	return n, err
}

// tail keeps the last bytes written to it.
type tail struct {
	most int
	kept []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b[max(0, len(b)-t.most):]...)
	t.kept = t.kept[max(0, len(t.kept)-t.most):]
	return len(b), nil
}

// String gives what is kept, on one line.
func (t *tail) String() string {
	return strings.ToValidUTF8(string(bytes.Join(bytes.Fields(t.kept), []byte(" "))), "?")
}
