package backtest

import "testing"

func TestLimit(t *testing.T) {
	for promQL, want := range map[string]Limit{
		`a > 0.03`:                   {0.03, false},
		`(a >= 3) and on (x) b > 5`:  {3, false},
		`(a < 2 unless c) or d == 0`: {2, true},
		`a > 2 or b >= 2`:            {2, false},
		`avg_over_time(a[5m]) <= 7`:  {7, true},
		`a > 2 or b > 1`:             {}, `a > 1 or b < 1`: {}, `a == 0 or b > 1`: {},
		`a > b`: {}, `a == 1`: {}, `up`: {}, `a > bool 1`: {},
	} {
		got, known := Rule{Expr: promQL}.Limit()
		if got != want || known != (want != Limit{}) {
			t.Errorf("%s: got %v, %t, want %v", promQL, got, known, want)
		}
	}
}
