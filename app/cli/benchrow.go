package cli

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"time"

	"lumi/accel"
	"lumi/llm"
)

// benchRow is one test in llama-bench's JSON field names.
type benchRow struct {
	BuildCommit   string    `json:"build_commit"`
	BuildNumber   int       `json:"build_number"`
	CPUInfo       string    `json:"cpu_info"`
	GPUInfo       string    `json:"gpu_info"`
	Backends      string    `json:"backends"`
	ModelFilename string    `json:"model_filename"`
	ModelType     string    `json:"model_type"`
	ModelSize     int64     `json:"model_size"`
	ModelNParams  int64     `json:"model_n_params"`
	NBatch        int       `json:"n_batch"`
	NUBatch       int       `json:"n_ubatch"`
	NThreads      int       `json:"n_threads"`
	CPUMask       string    `json:"cpu_mask"`
	CPUStrict     bool      `json:"cpu_strict"`
	Poll          int       `json:"poll"`
	TypeK         string    `json:"type_k"`
	TypeV         string    `json:"type_v"`
	Precision     string    `json:"precision"` // Lumi's own: fast or high
	NGPULayers    int       `json:"n_gpu_layers"`
	UseMmap       bool      `json:"use_mmap"`
	NPrompt       int       `json:"n_prompt"`
	NGen          int       `json:"n_gen"`
	NDepth        int       `json:"n_depth"`
	TestTime      string    `json:"test_time"`
	AvgNS         int64     `json:"avg_ns"`
	StddevNS      int64     `json:"stddev_ns"`
	AvgTS         float64   `json:"avg_ts"`
	StddevTS      float64   `json:"stddev_ts"`
	SamplesNS     []int64   `json:"samples_ns"`
	SamplesTS     []float64 `json:"samples_ts"`
	test          string
}

func newBenchRow(info llm.Info, kv accel.Type, r llm.BenchResult) benchRow {
	row := benchRow{
		BuildCommit: buildCommit(), CPUInfo: cpuName(), Backends: "CPU",
		ModelFilename: info.Path,
		ModelType:     fmt.Sprintf("%s %s %s", info.Architecture, strings.ReplaceAll(countText(info.Parameters), " ", ""), info.Quantisation),
		ModelSize:     info.Size, ModelNParams: info.Parameters,
		NBatch: info.Batch, NUBatch: info.Batch, NThreads: info.Threads,
		// Threads run where the system puts them, and while a token is computed
		// they look for work without sleeping.
		CPUMask: "0x0", Poll: 100,
		TypeK: strings.ToLower(kv.String()), TypeV: strings.ToLower(kv.String()),
		Precision: info.Precision.String(),
		UseMmap:   true,
		NPrompt:   r.Prompt, NGen: r.Gen, NDepth: r.Depth,
		TestTime: r.Time.UTC().Format(time.RFC3339),
		AvgTS:    r.AvgTS(), StddevTS: r.StddevTS(),
		test: r.Test,
	}
	ns := make([]float64, len(r.Samples))
	for i, d := range r.Samples {
		ns[i] = float64(d.Nanoseconds())
		row.SamplesNS = append(row.SamplesNS, d.Nanoseconds())
		row.SamplesTS = append(row.SamplesTS, float64(r.Prompt+r.Gen)/d.Seconds())
	}
	mean, stddev := meanStddev(ns)
	row.AvgNS, row.StddevNS = int64(mean), int64(stddev)
	return row
}

// benchColumns are the names and widths of llama-bench's table; a negative
// width is aligned to the left.
var benchColumns = []struct {
	name  string
	width int
}{
	{"model", -30},
	{"size", 10},
	{"params", 10},
	{"backend", -10},
	{"threads", 7},
	{"test", 15},
	{"t/s", 20},
}

func benchHeader() string {
	var names []string
	rule := "|"
	for _, column := range benchColumns {
		names = append(names, column.name)
		if column.width < 0 {
			rule += " " + strings.Repeat("-", -column.width) + " |"
		} else {
			rule += " " + strings.Repeat("-", column.width-1) + ": |"
		}
	}
	return tableLine(names) + rule + "\n"
}

func (r benchRow) line() string {
	return tableLine([]string{
		r.ModelType, bytesText(r.ModelSize), countText(r.ModelNParams), r.Backends,
		fmt.Sprint(r.NThreads), r.test, fmt.Sprintf("%.2f ± %.2f", r.AvgTS, r.StddevTS),
	})
}

func tableLine(cells []string) string {
	line := "|"
	for i, cell := range cells {
		line += fmt.Sprintf(" %*s |", benchColumns[i].width, cell)
	}
	return line + "\n"
}

// cpuName is the processor's name as Linux tells it, elsewhere its
// architecture.
func cpuName() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), ":")
		if ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// meanStddev are the mean and the sample standard deviation, 0 for fewer than
// two values.
func meanStddev(values []float64) (mean, stddev float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	if len(values) < 2 {
		return mean, 0
	}
	for _, v := range values {
		stddev += (v - mean) * (v - mean) / float64(len(values)-1)
	}
	return mean, math.Sqrt(stddev)
}
