package doors

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// forgery is a request that must not change anything.
type forgery struct {
	what   string
	header map[string]string // besides Content-Type: application/json
	body   string
	// accepted says that the daemon may answer 200, and must have believed nothing.
	accepted bool
}

// forgeries returns messages about the alert that fires, and about others.
func forgeries(fingerprint, startsAt string) []forgery {
	message := func(fingerprint, status, startsAt string) string {
		return fmt.Sprintf(`{"version":"4","status":%q,"alerts":[{"status":%q,`+
			`"labels":{"alertname":"NotificationChannelDown",`+
			`"rule":"NotificationChannelDown","severity":"critical","channel":"email","job":"belfry-exporter"},`+
			`"startsAt":%q,"endsAt":%q,"fingerprint":%q}]}`,
			status, status, startsAt, time.Now().UTC().Format(time.RFC3339), fingerprint)
	}
	resolved := message(fingerprint, "resolved", startsAt)
	return []forgery{
		{"the alert is resolved", nil, resolved, true},
		{"another alert fires", nil,
			message("00000000000000aa", "firing", time.Now().UTC().Format(time.RFC3339)), true},
		{"from the year 2", nil, message("00000000000000ab", "firing", "0002-01-01T00:00:00Z"), false},
		{"from the future", nil, message("00000000000000ac", "firing", "2999-01-01T00:00:00Z"), false},
		{"as text", map[string]string{"Content-Type": "text/plain"}, resolved, false},
		{"from a foreign page", map[string]string{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
			resolved, false},
		{"for a foreign host", map[string]string{"Host": "evil.example"}, resolved, false},
		{"through a proxy", map[string]string{"X-Forwarded-For": "203.0.113.7"}, resolved, false},
		{"two thousand alerts", nil, `{"alerts":[` + strings.TrimSuffix(strings.Repeat(
			`{"status":"firing","labels":{"alertname":"A"},"startsAt":"`+startsAt+`",`+
				`"fingerprint":"00000000000000ad"},`, 2000), ",") + `]}`, false},
	}
}

// forge sends forgeries to a daemon until ctx ends. It returns how many were answered, and
// those that were accepted.
func forge(ctx context.Context, t *target, all []forgery) (answered int, accepted []string) {
	c := &http.Client{Timeout: 30 * time.Second}
	for ctx.Err() == nil {
		for _, f := range all {
			for _, path := range t.posts {
				status := f.send(ctx, c, "http://"+t.address+path)
				if status != 0 {
					answered++
				}
				if status/100 == 2 && !(f.accepted && path == "/webhook") {
					accepted = append(accepted, fmt.Sprintf("POST %s %s, %s: status %d", t.name, path, f.what, status))
				}
			}
		}
		pause(ctx, 100*time.Millisecond)
	}
	return answered, accepted
}

// send returns the status, or 0 if there is no answer.
func (f *forgery) send(ctx context.Context, c *http.Client, url string) int {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(f.body))
	if err != nil {
		return 0
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range f.header {
		request.Header.Set(name, value)
	}
	if host := f.header["Host"]; host != "" {
		request.Host = host
	}
	response, err := c.Do(request)
	if err != nil {
		return 0 // the daemon has ended it
	}
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	return response.StatusCode
}
