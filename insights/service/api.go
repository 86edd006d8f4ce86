package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"belfry/exporter/daemon"
	"belfry/exporter/strict"
	"belfry/insights/query"
)

// apiPath is what the paths of all operations begin with.
const apiPath = "/api/v1/"

// api holds the operations. Their OpenAPI document follows from the types of their
// parameters and answers.
type api struct {
	huma       huma.API
	mux        *http.ServeMux // of huma
	operations map[string]operation
	answers    *answers
	now        func() time.Time
	log        *slog.Logger
}

// operation is one that answers GET requests.
type operation struct {
	*huma.Operation
	isTable bool
}

func newAPI(now func() time.Time, log *slog.Logger) *api {
	version, _, _ := daemon.Version()
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Belfry insights", Version: version,
				Description: "What the counts of notifications say. Times are in UTC. A figure that cannot be known " +
					"is null, with a reason beside it.",
			},
			Components: &huma.Components{Schemas: huma.NewMapRegistry(schemas, schemaName)},
		},
		OpenAPIPath: "/openapi", Formats: formats(), DefaultFormat: jsonType,
	}
	mux := http.NewServeMux()
	return &api{huma: humago.New(mux, config), mux: mux, operations: map[string]operation{}, answers: newAnswers(),
		now: now, log: log}
}

// describe holds what register needs to know of an operation.
type describe struct {
	// name is the last part of the path, and of the name of downloads.
	name, summary, about string
	// isTable says that the answer is also available as CSV and Parquet.
	isTable bool
}

// reply is what an operation returns, with its HTTP status.
type reply[B any] struct {
	Status int
	Body   B
}

// register adds an operation. Its parameters are the fields of I.
func register[I, B any](a *api, d describe, handle func(context.Context, *I) (int, B, *Problem)) {
	op := huma.Operation{
		OperationID: d.name, Method: http.MethodGet, Path: apiPath + d.name, Summary: d.summary, Description: d.about,
		SkipValidateParams: true, // checkQuery does, with messages that say what to do
		Responses:          a.responses(d.isTable),
	}
	huma.Register(a.huma, op, func(ctx context.Context, input *I) (*reply[B], error) {
		status, body, problem := handle(ctx, input)
		if problem != nil {
			return nil, problem
		}
		return &reply[B]{status, body}, nil
	})
	a.operations[op.Path] = operation{a.huma.OpenAPI().Paths[op.Path].Get, d.isTable}
}

// responses describes what huma cannot derive: tables, and errors.
func (a *api) responses(isTable bool) map[string]*huma.Response {
	content := map[string]*huma.MediaType{jsonType: {}}
	if isTable {
		binary := &huma.Schema{Type: huma.TypeString, Format: "binary"}
		content[csvType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		content[parquetType] = &huma.MediaType{Schema: binary}
	}
	problem := a.huma.OpenAPI().Components.Schemas.Schema(typeOf[Problem](), true, "")
	return map[string]*huma.Response{
		"200":     {Description: "The answer", Content: content},
		"default": {Description: "An error", Content: map[string]*huma.MediaType{problemType: {Schema: problem}}},
	}
}

// handler serves the operations, their description, and errors for all other paths.
func (a *api) handler() http.Handler {
	allowNull(a.huma.OpenAPI().Components.Schemas)
	mux := http.NewServeMux()
	for path, op := range a.operations {
		mux.Handle("GET "+path, a.negotiated(op))
	}
	mux.HandleFunc(apiPath, a.serveUnknown)
	for _, extension := range []string{".json", ".yaml"} {
		mux.Handle("GET /openapi"+extension, a.mux)
	}
	return a.answers.encoded(a.recovered(mux))
}

// negotiated checks a request and settles its format.
func (a *api) negotiated(op operation) http.Handler {
	name := strings.TrimPrefix(op.Path, apiPath)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if problem := checkQuery(op.Operation, r.URL.RawQuery); problem != nil {
			problem.write(w)
			return
		}
		f, problem := choose(r, op.isTable)
		if problem != nil {
			problem.write(w)
			return
		}
		r = r.Clone(r.Context())
		r.Header.Set("Accept", f.media)
		if f.media != jsonType {
			file := fmt.Sprintf("belfry-%s-%s.%s", name, a.now().UTC().Format(time.DateOnly), f.name)
			w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", file))
		}
		a.mux.ServeHTTP(w, r)
	})
}

// serveUnknown answers requests for which there is no operation.
func (a *api) serveUnknown(w http.ResponseWriter, r *http.Request) {
	if _, known := a.operations[r.URL.Path]; known {
		w.Header().Set("Allow", "GET, HEAD")
		newProblem(http.StatusMethodNotAllowed, fmt.Sprintf("%s is not supported: use GET", r.Method)).write(w)
		return
	}
	known := slices.Sorted(maps.Keys(a.operations))
	newProblem(http.StatusNotFound, strict.Unknown("path", r.URL.Path, known)).write(w)
}

// recovered answers 500 where a handler panics, as huma does where an answer cannot be
// written. It answers 503 if that is because a figure is not a finite number: then the
// data is not what Belfry records.
func (a *api) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if h, ok := w.(*held); ok {
				h.body.Reset()
			}
			err, _ := p.(error)
			if errors.As(err, new(*json.UnsupportedValueError)) || errors.As(err, new(*json.MarshalerError)) {
				unanswered(query.Status{State: query.Failed, Reason: "a figure is not a finite number: " +
					"the data in Prometheus cannot be right"}).write(w)
				return
			}
			a.log.Error("panic while answering", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			newProblem(http.StatusInternalServerError, "an error in Belfry, see its log").write(w)
		}()
		next.ServeHTTP(w, r)
	})
}
