using System.Text.Json;
using Serverless.Cli.Output;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Copying;

/// <summary>What a copy is to do.</summary>
/// <param name="From">Where from.</param>
/// <param name="To">Where to.</param>
/// <param name="Options">Choices.</param>
/// <param name="Quiet">Whether only the sum is said.</param>
/// <param name="Json">Whether what was copied is printed as JSON.</param>
internal sealed record CopyRequest(CopyPlace From, CopyPlace To, CopyOptions Options, bool Quiet, bool Json);

/// <summary>Copies one image or the tags of a repository, and tells of it.</summary>
internal sealed class CopyRun(CliContext context, CopyRequest request)
{
    private readonly List<CopiedEntry> _copied = [];

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CopyRemotes remotes, CancellationToken cancellationToken)
    {
        try
        {
            using var end = await CopyEnd.OpenAsync(context, request.From, request.To, remotes, request.Options.DryRun, cancellationToken);
            return await RunAsync(end, cancellationToken);
        }
        catch (ImageSourceException e)
        {
            throw new CliException(Clean(e.Message));
        }
    }

    private async Task<int> RunAsync(CopyEnd end, CancellationToken cancellationToken)
    {
        if (request.To.Reference is { Digest: not null }) throw new CliException("A target has a tag, and no digest: that is the image's own.", ExitCode.Usage);
        var wanted = request.To.Reference?.Tag;
        // The only image of a layout needs no name there.
        var reference = request.From.Reference ?? (end.Single is { } single && wanted is not null ? new Reference(single) : null);
        var failed = 0;
        await using var watch = new CopyWatch(context, request.Quiet);
        var copy = end.Copy(request.Options, watch.Progress);
        if (reference is { } one)
        {
            var tag = wanted ?? one.Tag;
            var copied = await copy.CopyAsync(one, tag is { } t ? [t] : [], cancellationToken);
            Note(watch, tag?.ToString() ?? copied.Digest.ToString(), copied, null);
        }
        else
        {
            if (wanted is not null) throw new CliException("There may be several images in SOURCE: say which by its tag, or leave out the tag of the target to copy all under their own.", ExitCode.Usage);
            failed = await copy.CopyTagsAsync((tag, copied, problem) => Note(watch, tag.ToString(), copied, problem), cancellationToken);
            if (watch.Progress.Tags == 0 && failed == 0) throw new CliException("There is no such tag in the source.");
        }

        await watch.EndAsync();
        if (request.Json) await context.Console.Out.WriteLineAsync(JsonSerializer.Serialize(_copied, CliJsonContext.Default.ListCopiedEntry));
        foreach (var problem in watch.Progress.Problems) await context.Console.WarnAsync("Not copied: " + Clean(problem));
        await context.Console.SayAsync((request.Options.DryRun ? "It would be: " : "") + watch.Text() + ".");
        return failed + watch.Progress.Problems.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private void Note(CopyWatch watch, string tag, Descriptor? copied, string? problem)
    {
        var entry = new CopiedEntry(Target(), tag, copied?.Digest.ToString(), problem is null ? null : Clean(problem));
        _copied.Add(entry);
        if (!request.Json && (!request.Quiet || problem is not null)) watch.Tell($"{entry.Repository}\t{entry.Tag}\t{entry.Digest ?? $"not copied: {entry.Problem}"}");
    }

    private string Target() => request.To switch
    {
        CopyPlace.Here here => here.Name.ToString(),
        CopyPlace.Remote remote => $"{remote.Registry[(remote.Registry.LastIndexOf('/') + 1)..]}/{remote.Name}",
        CopyPlace.Layout layout => layout.Folder,
        _ => "-",
    };

    // Some of it is from the source.
    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
