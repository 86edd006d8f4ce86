package proof

import (
	"os"
	"testing"

	"belfry/rules"
	"belfry/rules/ruletest/cases"
)

func TestTmpProf(t *testing.T) {
	files, _ := rules.Files()
	rs, err := cases.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	cf, _ := ReadFiles("../../testdata/*.yaml")
	rep, err := Prove(t.Context(), rs, cf, Options{Only: func(r *cases.Rule) bool { return r.ID == os.Getenv("RULE") }})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(rep.Killed, rep.Mutants, rep.Took)
}
