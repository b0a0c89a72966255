/* SPDX-License-Identifier: MIT */

/* A program of one library and of the libraries that it may use: it links only if no function of
 * the library calls another one. */
int main(void)
{
    return 0;
}
