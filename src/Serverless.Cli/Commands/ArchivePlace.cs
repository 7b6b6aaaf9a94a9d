using System.Diagnostics.CodeAnalysis;
using Serverless.AzureStorage;
using Serverless.Registry.Backup.Archives;

namespace Serverless.Cli.Commands;

/// <summary>Where an archive is, as it stands on a command line: a folder, or the URL of a container, which may carry a signature (SAS).</summary>
internal sealed class ArchivePlace
{
    private readonly string? _folder;
    private readonly Uri? _container;

    private ArchivePlace(string? folder, Uri? container) => (_folder, _container) = (folder, container);

    public static bool TryParse(string text, [NotNullWhen(true)] out ArchivePlace? place)
    {
        place = null;
        if (text.Contains("://", StringComparison.Ordinal))
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback)) && AzureStores.IsContainer(url))
            {
                place = new ArchivePlace(null, url);
            }
        }
        else if (text.Length > 0)
        {
            place = new ArchivePlace(text, null);
        }

        return place is not null;
    }

    public IBackupArchive Open(TimeProvider time) => _container is null ? new FolderArchive(_folder!) : new ContainerArchive(AzureStores.OpenContainer(_container, time));
}
