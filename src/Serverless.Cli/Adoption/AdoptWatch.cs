using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.Adoption;

namespace Serverless.Cli.Adoption;

/// <summary>Tells how far an adoption has come, every few seconds.</summary>
internal sealed class AdoptWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(10);

    private readonly ProgressLines _lines;

    public AdoptWatch(CliContext context, bool quiet) => _lines = new ProgressLines(context, quiet ? null : s_betweenLines, () => Progress.Expected > 0 ? Text() : null);

    public AdoptProgress Progress { get; } = new();

    /// <summary>What was done, in words.</summary>
    public string Text() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Progress.Repositories} of {Progress.Expected} repositories, {Progress.Manifests} manifests and {Progress.Tags} tags; {Progress.Blobs} blobs of {Progress.Bytes} bytes linked where they lie, {Progress.Shared} links to blobs that were here, {Progress.Copied} blobs copied; {Progress.Present} things were here; {Progress.Missing} missing, {Progress.Refused} refused, {Progress.Kept} tags kept");

    public ValueTask DisposeAsync() => _lines.DisposeAsync();
}
