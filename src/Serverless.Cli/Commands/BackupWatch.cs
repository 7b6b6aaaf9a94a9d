using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.Backup;

namespace Serverless.Cli.Commands;

/// <summary>Tells how far a backup or a restoration has come, every few seconds, and what it could not take along.</summary>
internal sealed class BackupWatch : IAsyncDisposable
{
    private readonly CliContext _context;
    private readonly bool _quiet;
    private readonly ProgressLines _lines;

    public BackupWatch(CliContext context, bool quiet, TimeSpan between)
    {
        (_context, _quiet) = (context, quiet);
        _lines = new ProgressLines(context, quiet ? null : between, () => Text("copied"));
    }

    public BackupProgress Progress { get; } = new();

    public void Report(BackupFinding finding)
    {
        if (!_quiet) _context.Console.Out.WriteLine($"{finding.Repository?.ToString() ?? "-"}\t{finding.What}\t{finding.Note}");
    }

    /// <summary>Says what was done in the end.</summary>
    public Task EndAsync(string what, string copied) => _context.Console.SayAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: {Text(copied)}, {Progress.Findings} things missing, {Progress.Failed} repositories not done."));

    public ValueTask DisposeAsync() => _lines.DisposeAsync();

    private string Text(string copied) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Progress.Repositories} repositories, {Progress.Manifests} manifests, {Progress.Tags} tags and {Progress.Blobs} blobs, {Progress.Copied} of them {copied}, {Progress.Bytes} bytes");
}
