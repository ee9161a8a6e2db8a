package telemetry

import (
	"context"
	"fmt"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Trace sends traces to where OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT say, over HTTP, with
// whatever else the variables of OpenTelemetry set. Without one of them nothing is recorded. Stop sends what is left.
//
// Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
func Trace(ctx context.Context, version string, getenv func(string) string) (stop func(context.Context) error, err error) {
	if getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("send traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "canonicalize"), attribute.String("service.version", version)),
		resource.WithHost(), resource.WithFromEnv()) // what the environment says goes last, and counts
	if err != nil {
		return nil, fmt.Errorf("describe this process for traces: %w", err)
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(about))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return provider.Shutdown, nil
}

// Span is a part of a trace; ended is told how it went.
func Span(ctx context.Context, name string, attrs map[string]string) (_ context.Context, ended func(error)) {
	ctx, span := otel.Tracer("canonicalize").Start(ctx, name)
	for k, v := range attrs {
		span.SetAttributes(attribute.String(k, v))
	}
	return ctx, func(err error) {
		if err != nil {
			span.RecordError(err)
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Traced makes each call through next a span of its own. No header of a trace goes to GitHub: it is none of its
// business.
func Traced(next http.RoundTripper) http.RoundTripper {
	return otelhttp.NewTransport(next, otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + Endpoint(r.URL.Path) }))
}
