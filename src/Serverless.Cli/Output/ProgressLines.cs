namespace Serverless.Cli.Output;

/// <summary>Says every few seconds how far long work has come, until it is disposed of.</summary>
internal sealed class ProgressLines : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _telling;

    /// <param name="context">Where it is said, and the clock.</param>
    /// <param name="between">How often; null: never.</param>
    /// <param name="text">How far it is; null where there is nothing to say yet.</param>
    public ProgressLines(CliContext context, TimeSpan? between, Func<string?> text) => _telling = between is { } time ? TellAsync(context, time, text) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _telling;
        _end.Dispose();
    }

    private async Task TellAsync(CliContext context, TimeSpan between, Func<string?> text)
    {
        using var timer = new PeriodicTimer(between, context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                if (text() is { } line) await context.Console.SayAsync(line + " so far");
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }
}
