package service

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"belfry/exporter/strict"
)

// checkQuery refuses parameters that the operation does not have, that are there twice,
// or that are not among their values. What it knows of them is what the OpenAPI document
// says.
func checkQuery(op *huma.Operation, rawQuery string) *Problem {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return newProblem(http.StatusBadRequest, fmt.Sprintf("invalid query string: %v", err))
	}
	var valid []string
	for _, p := range op.Parameters {
		valid = append(valid, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i := slices.Index(valid, name)
		switch {
		case i < 0:
			return newProblem(http.StatusBadRequest, strict.Unknown("parameter", name, valid))
		case len(values[name]) > 1:
			return newProblem(http.StatusBadRequest, fmt.Sprintf("parameter %s is there %d times: give it once", name,
				len(values[name])))
		}
		if problem := checkValue(op.Parameters[i], values.Get(name)); problem != nil {
			return problem
		}
	}
	return nil
}

// checkValue refuses a value that is not in the parameter's enumeration.
func checkValue(p *huma.Param, value string) *Problem {
	var valid []string
	for _, one := range p.Schema.Enum {
		valid = append(valid, fmt.Sprint(one))
	}
	if len(valid) == 0 || slices.Contains(valid, value) {
		return nil
	}
	return newProblem(http.StatusBadRequest, strict.Unknown(p.Name, value, valid))
}
