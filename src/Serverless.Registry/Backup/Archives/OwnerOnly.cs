namespace Serverless.Registry.Backup.Archives;

/// <summary>New files that nobody else on the machine can read: they may hold hashes of passwords, and images that not everybody may pull.</summary>
internal static class OwnerOnly
{
    public static FileStreamOptions New(FileStreamOptions options)
    {
        options.Mode = FileMode.CreateNew;
        options.Share = FileShare.None;
        // Elsewhere a new file has the rights of its folder.
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
