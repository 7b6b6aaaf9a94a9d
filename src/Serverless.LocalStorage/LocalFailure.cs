using Microsoft.Data.Sqlite;
using Serverless.Registry.Storage;
using SQLitePCL;

namespace Serverless.LocalStorage;

/// <summary>Turns what the disk and SQLite throw into what the ports promise.</summary>
internal static class LocalFailure
{
    /// <summary>Whether an exception tells of the disk or the database, and of no bug.</summary>
    public static bool IsFailure(Exception e) => e is IOException or UnauthorizedAccessException or SqliteException;

    public static StorageUnavailableException Translate(Exception e) => new("Storage is not available: " + Describe(e), e);

    /// <summary>Says in words what is the matter.</summary>
    public static string Describe(Exception e) => e is not SqliteException { SqliteErrorCode: var code }
        ? e.Message
        : code switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another process keeps the database locked.",
            raw.SQLITE_READONLY => "the database cannot be written to: the disk or the file is read-only.",
            raw.SQLITE_FULL => "the disk is full.",
            raw.SQLITE_CANTOPEN => "the database cannot be opened.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "the database is damaged. Stop the registry, keep the folder, and restore a backup.",
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
