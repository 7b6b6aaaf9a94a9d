using Serverless.Registry.Copying;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Copying;

/// <summary>What a copy reads or writes, opened; and what is to be closed after it.</summary>
/// <param name="Copy">Makes the copy.</param>
/// <param name="Single">The only image of the source, where it has but one and that needs no name; else null.</param>
/// <param name="Opened">What is to be closed; null: nothing.</param>
internal sealed record CopyEnd(Func<CopyOptions, CopyProgress, ImageCopy> Copy, Digest? Single, IDisposable? Opened) : IDisposable
{
    public void Dispose() => Opened?.Dispose();

    /// <summary>Opens both ends, one of which is this registry.</summary>
    /// <exception cref="CliException">Neither of them is, or both are.</exception>
    /// <exception cref="ImageSourceException">The other one cannot be opened.</exception>
    public static async Task<CopyEnd> OpenAsync(CliContext context, CopyPlace from, CopyPlace to, CopyRemotes remotes, bool isDryRun, CancellationToken cancellationToken)
    {
        switch (from, to)
        {
            case (CopyPlace.Here, CopyPlace.Here):
                throw new CliException("Both are repositories of this registry. Another registry is named with its host: HOST/NAME.", ExitCode.Usage);
            case (_, CopyPlace.Here here):
                var (source, single, opened) = await OpenSourceAsync(context, from, remotes, cancellationToken);
                var into = context.Registry.GetRepository(here.Name, ChangeOrigin.Of("copy"));
                return new CopyEnd((options, progress) => context.Registry.CopyTo(into, source, options, progress), single, opened);
            case (CopyPlace.Here here, CopyPlace.Remote remote):
                var registry = remotes.Open(context, remote.Registry, CopyRemotes.TargetPassword);
                return OutOf(context, here, registry.OpenTarget(remote.Name), registry);
            case (CopyPlace.Here here, CopyPlace.Layout layout):
                var target = await LayoutTarget.OpenAsync(layout.Folder, isDryRun, cancellationToken);
                return OutOf(context, here, target, target);
            case (CopyPlace.Here, _):
                throw new CliException("An archive is only read. Copy to a layout, oci:FOLDER, and pack that.", ExitCode.Usage);
            default:
                throw new CliException("One of SOURCE and TARGET must be a repository of this registry, which is named without a host: NAME[:TAG].", ExitCode.Usage);
        }
    }

    private static CopyEnd OutOf(CliContext context, CopyPlace.Here here, IImageTarget target, IDisposable opened) =>
        new((options, progress) => context.Registry.CopyFrom(context.Registry.GetRepository(here.Name), target, options, progress), null, opened);

    private static async Task<(IImageSource Source, Digest? Single, IDisposable? Opened)> OpenSourceAsync(CliContext context, CopyPlace from, CopyRemotes remotes, CancellationToken cancellationToken)
    {
        switch (from)
        {
            case CopyPlace.Remote remote:
                var registry = remotes.Open(context, remote.Registry, CopyRemotes.SourcePassword);
                return (registry.OpenRepository(remote.Name), null, registry);
            case CopyPlace.Layout layout:
                return Local(await LayoutSource.OpenAsync(layout.Folder, cancellationToken));
            case CopyPlace.LayoutArchive archive:
                return Local(await LayoutSource.OpenArchiveAsync(archive.File, cancellationToken));
            case CopyPlace.DockerArchive docker:
                return Local(await DockerArchiveSource.OpenAsync(docker.File, docker.Image, cancellationToken));
            case CopyPlace.Archive any:
                // Newer dockers write both into one archive; the layout has the manifests themselves.
                return await LayoutSource.IsInArchiveAsync(any.File, cancellationToken)
                    ? Local(await LayoutSource.OpenArchiveAsync(any.File, cancellationToken))
                    : Local(await DockerArchiveSource.OpenAsync(any.File, null, cancellationToken));
            default:
                throw new CliException("A source is HOST/NAME, oci:FOLDER, oci-archive:FILE or docker-archive:FILE.", ExitCode.Usage);
        }
    }

    private static (IImageSource, Digest?, IDisposable?) Local(LayoutSource layout) => (layout, layout.Single, null);

    private static (IImageSource, Digest?, IDisposable?) Local(DockerArchiveSource archive) => (archive, archive.Single, null);
}
