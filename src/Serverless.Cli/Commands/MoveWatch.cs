using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.Moving;

namespace Serverless.Cli.Commands;

/// <summary>Tells how far a move has come, every few seconds, and what does not come along.</summary>
internal sealed class MoveWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(10);

    private readonly CliContext _context;
    private readonly bool _quiet;
    private readonly ProgressLines _lines;

    public MoveWatch(CliContext context, bool quiet)
    {
        (_context, _quiet) = (context, quiet);
        _lines = new ProgressLines(context, quiet ? null : s_betweenLines, () => Progress.Rows > 0 ? Text() : null);
    }

    public MoveProgress Progress { get; } = new();

    public void Report(MoveFinding finding)
    {
        if (!_quiet) _context.Console.Out.WriteLine(string.Join('\t', finding.Kind.ToString().ToLowerInvariant(), finding.What, finding.Note));
    }

    /// <summary>What was done, in words.</summary>
    public string Text() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Progress.Rows} rows, {Progress.Written} of them written; {Progress.Blobs} blobs, {Progress.Sent} of them sent, {Progress.Bytes} bytes; {Progress.Deleted} rows and {Progress.Orphans} objects deleted; {Progress.Left} left to the next run, {Progress.Refused} refused, {Progress.Failed} failed");

    public ValueTask DisposeAsync() => _lines.DisposeAsync();
}
