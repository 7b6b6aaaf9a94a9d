using Serverless.Registry.Copying;
using Spectre.Console;

namespace Serverless.Cli.Copying;

/// <summary>A bar for all bytes and one for each blob on its way, with rates and what is left, on the terminal that shows what is said about the data. They are gone when the copy is over.</summary>
internal sealed class CopyBars : IAsyncDisposable
{
    private const int DigestLength = 19;

    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _end = new();
    private readonly IAnsiConsole _console;
    private readonly CopyProgress _progress;
    private readonly Task _showing;

    public CopyBars(CliConsole console, CopyProgress progress)
    {
        _progress = progress;
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Error), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes });
        _showing = _console.Progress().AutoClear(true).Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new DownloadedColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn())
            .StartAsync(ShowAsync);
    }

    /// <summary>Prints a line above the bars.</summary>
    public void Tell(string line) => _console.WriteLine(line);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _showing;
        _end.Dispose();
    }

    private async Task ShowAsync(ProgressContext context)
    {
        var all = context.AddTask("all", maxValue: 1);
        var bars = new Dictionary<BlobTransfer, ProgressTask>();
        while (true)
        {
            Show(context, all, bars);
            // The clock is the terminal's, not that of tests.
            await Task.Delay(s_between, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_end.IsCancellationRequested) return;
        }
    }

    private void Show(ProgressContext context, ProgressTask all, Dictionary<BlobTransfer, ProgressTask> bars)
    {
        (all.MaxValue, all.Value) = (Math.Max(1, _progress.Expected), _progress.Bytes);
        var transfers = _progress.Transfers;
        foreach (var ended in bars.Keys.Except(transfers).ToList())
        {
            bars[ended].StopTask();
            context.RemoveTask(bars[ended]);
            bars.Remove(ended);
        }

        foreach (var transfer in transfers)
        {
            if (!bars.TryGetValue(transfer, out var bar)) bars[transfer] = bar = context.AddTask(transfer.Digest.ToString()[..DigestLength], maxValue: Math.Max(1, transfer.Size));
            bar.Value = transfer.Bytes;
        }
    }
}
