using System.Text;
using Serverless.Registry.Oci;
using Serverless.Registry.Tags;

namespace Serverless.Registry.Adoption;

/// <summary>
/// Takes over one repository: manifests, each after what it names, then tags. So it is never less whole than while somebody pushes, and what is cut off can be repeated: what is here is
/// found and left alone.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="repository">The repository.</param>
/// <param name="stored">What distribution has of it.</param>
/// <param name="pulls">Notes the tags as pulled: nobody knows when they last were.</param>
internal sealed class RepositoryAdoption(AdoptRun run, RepositoryName repository, AdoptedRepository stored, PullNotes pulls)
{
    private const int MaxParallel = 16;

    // A digest as text, with room for the line break that somebody may have written behind it.
    private const int MaxLink = 256;

    private readonly TagStore _tags = new(run.Context, pulls, repository, ManifestAdoption.Origin);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var manifests = new ManifestAdoption(run, repository, stored);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(stored.Revisions.OrderedExcept(new DigestSet()), parallel, async (digest, token) => await manifests.AdoptAsync(digest, token));
        await Parallel.ForEachAsync(stored.Tags, parallel, async (tag, token) => await AdoptTagAsync(manifests, tag, token));
        run.Progress.AddRepository();
    }

    private async Task AdoptTagAsync(ManifestAdoption manifests, AdoptedTag there, CancellationToken cancellationToken)
    {
        var (name, link, pushed) = there;
        if (!Tag.TryParse(name, out var tag))
        {
            run.Report(AdoptFindingKind.Refused, repository, name, "this is no name for a tag");
            return;
        }

        var text = await run.ReadAsync(link, MaxLink, cancellationToken);
        if (text is null || !Digest.TryParse(Encoding.UTF8.GetString(text).Trim(), out var digest))
        {
            run.Report(AdoptFindingKind.Missing, repository, name, $"what the tag points at cannot be read: {link}");
            return;
        }

        if (await _tags.FindAsync(tag, cancellationToken) is { } here)
        {
            if (here.Digest == digest) run.Progress.AddPresent();
            else run.Report(AdoptFindingKind.Kept, repository, name, $"the tag is here and points at {here.Digest}, there at {digest}");
            return;
        }

        if (!await manifests.ContainsAsync(digest))
        {
            run.Report(AdoptFindingKind.Missing, repository, name, $"the tag's manifest {digest} is not taken over, or not in the repository");
            return;
        }

        if (!run.Options.DryRun) await _tags.RestoreAsync(tag, digest, pushed, cancellationToken);
        run.Progress.AddTag();
    }
}
