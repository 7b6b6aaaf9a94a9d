using Microsoft.Data.Sqlite;
using Serverless.Registry.Storage;

namespace Serverless.LocalStorage;

/// <summary>Turns what the disk and SQLite throw into what the ports promise.</summary>
internal static class LocalFailure
{
    // Result codes of SQLite ("Result and Error Codes").
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>Whether an exception tells of the disk or the database, and of no bug.</summary>
    public static bool IsFailure(Exception e) => e is IOException or UnauthorizedAccessException or SqliteException;

    public static StorageUnavailableException Translate(Exception e) => new("Storage is not available: " + Describe(e), e);

    /// <summary>Says in words what is the matter.</summary>
    public static string Describe(Exception e) => e is not SqliteException { SqliteErrorCode: var code }
        ? e.Message
        : code switch
        {
            Busy or Locked => "another process keeps the database locked.",
            ReadOnly => "the database cannot be written to: the disk or the file is read-only.",
            Full => "the disk is full.",
            CannotOpen => "the database cannot be opened.",
            Corrupt or NotADatabase => "the database is damaged. Stop the registry, keep the folder, and restore a backup.",
            _ => e.Message,
        };

    /// <summary>Runs a call to the disk.</summary>
    /// <exception cref="StorageUnavailableException">It failed.</exception>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Translate(e);
        }
    }

    /// <summary>Makes a call that waits for the disk, without keeping the caller's thread.</summary>
    /// <exception cref="StorageUnavailableException">It failed.</exception>
    public static Task<T> GuardWaitAsync<T>(Func<Task<T>> call) => GuardAsync(() => DiskThreads.Files.RunAsync(call));
}
