package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"belfry/exporter/daemon"
	"belfry/exporter/mask"
	"belfry/exporter/truth"
)

// verification holds the flags of verify.
type verification struct {
	truth, source string
	show          int
	wait          model.Duration
}

func verifyCommand(app *kingpin.Application) command {
	c := app.Command("verify", "Compare metrics with the totals that belfry simulate --truth wrote.")
	v := &verification{}
	c.Flag("truth", "File with the totals of the simulation; - reads standard input.").Required().StringVar(&v.truth)
	daemon.IntVar(c.Flag("show", "Show at most N differences.").Default("20"), &v.show, 1, math.MaxInt)
	durationVar(c.Flag("wait", "Keep polling the URL for up to this long, until it agrees: an exporter needs time "+
		"to catch up.").Default("0s"), &v.wait)
	c.Arg("metrics", "Metrics in the text format: a file, the URL of /metrics, or - for standard input.").
		Required().StringVar(&v.source)
	return command{c, v.run}
}

// run prints the differences. Any difference makes the exit code 1.
func (v *verification) run(ctx context.Context, p *process) error {
	want, err := readTruth(p, v.truth)
	if err != nil {
		return err
	}
	differences, err := v.compare(ctx, p, want)
	if err != nil {
		return err
	}
	series, families := want.Size()
	if len(differences) == 0 {
		fmt.Fprintf(p.stdout, "%d series of %d families agree with the truth\n", series, families)
		return nil
	}
	for _, d := range differences[:min(len(differences), max(v.show, 0))] {
		fmt.Fprintln(p.stdout, d)
	}
	fmt.Fprintf(p.stdout, "%d differences from the truth of %d series of %d families\n",
		len(differences), series, families)
	return errSilent
}

func readTruth(p *process, path string) (*truth.Truth, error) {
	file, name, err := p.open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	t, err := truth.Load(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// pollInterval separates two requests to a URL.
const pollInterval = time.Second

// compare compares once, or polls a URL until it agrees or the time is up.
func (v *verification) compare(ctx context.Context, p *process, want *truth.Truth) ([]truth.Difference, error) {
	deadline := time.Now().Add(time.Duration(v.wait))
	for {
		differences, err := v.compareOnce(ctx, p, want)
		agreed := err == nil && len(differences) == 0
		if agreed || !isURL(v.source) || time.Until(deadline) < pollInterval {
			return differences, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pollInterval):
		}
	}
}

func (v *verification) compareOnce(ctx context.Context, p *process, want *truth.Truth) ([]truth.Difference, error) {
	in, err := openMetrics(ctx, v.source, p)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	families, err := truth.ReadExposition(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", called(v.source), err)
	}
	return want.Compare(families), nil
}

func isURL(source string) bool {
	return strings.HasPrefix(source, "http://") || strings.HasPrefix(source, "https://")
}

// openMetrics opens a file, a URL or standard input.
func openMetrics(ctx context.Context, source string, p *process) (io.ReadCloser, error) {
	if !isURL(source) {
		in, _, err := p.open(source)
		if errors.Is(err, fs.ErrNotExist) && strings.Contains(source, "@") { // it may hold a password
			return nil, errors.New("the metrics are neither a file nor a URL: begin a URL with http://")
		}
		if errors.Is(err, fs.ErrNotExist) && strings.Contains(source, ":") {
			return nil, fmt.Errorf("%w; for a URL write http://%s", err, source)
		}
		return in, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return nil, mask.Error(err)
	}
	request.Header.Set("Accept", "text/plain;version=0.0.4")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, mask.Error(err)
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("get %s: %s", mask.Address(source), response.Status)
	}
	return response.Body, nil
}
