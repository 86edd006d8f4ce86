package rules

import "testing"

// Each metric that a rules file can use says what it means, and nothing else does.
func TestMeanings(t *testing.T) {
	all := ShortNames()
	for name, m := range all {
		if m.Meaning() == "" {
			t.Errorf("%s does not say what it means", name)
		}
	}
	for name := range meanings {
		if _, exists := all[name]; !exists {
			t.Errorf("%s has a meaning and does not exist", name)
		}
	}
	ahead, sum := "what the trend leads to in an hour: ", "sum of the seconds in 5 minutes: "
	for name, want := range map[string]string{
		"retries_increase1h":                      "how many in an hour: " + familyHelps["retries"],
		"delivery_latency_p95":                    "95th percentile: " + familyHelps["delivery_latency"],
		"queue_messages_predict1h":                ahead + familyHelps["queue_messages"],
		"service_duration_seconds_sum_increase5m": sum + familyHelps["service_duration"],
		"belfry_fence_ok":                         familyHelps["belfry_fence_ok"],
	} {
		if got := all[name].Meaning(); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
